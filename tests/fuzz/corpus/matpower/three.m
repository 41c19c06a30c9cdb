function mpc = three
% three buses, one cost in pieces
mpc.version = '2';
mpc.baseMVA = 100.0;
mpc.bus_name = { 'one; two'; 'three' };
mpc.bus = [
	1	3	0	0	0	0	1	1	0	230	1	1.1	0.9;
	2	1	50	9.8	1	0	1	1	0	230	1	1.1	0.9;
	5	2	-5	0	0	0	1	1	0	230	1	1.1	0.9
];
mpc.gen = [
	1	20	0	30	-30	1	100	1	80	10;
	5	20	0	30	-30	1	100	1	60	0;
	5	20	0	30	-30	1	100	0	60	0;
];
mpc.gencost = [
	2	0	0	3	0.01	14	3	0	0	0;
	1	0	0	3	0	0	20	200	60	900;
	2	0	0	1	5	0	0	0	0	0;
];
mpc.branch = [
	1	2	0.003	0.03	0.007	40	0	0	0.98	5	1	-30	30;
	1	5	0.003	0.03	0.007	0	0	0	0	0	1	-360	360;
	2	5	0.003	-0.03	0.007	40	0	0	0	0	1	0	0;
];
===
comity grid charter 1
title  Three
office Council
class  water 1
class  gas 2 # the second
merit  water gas step 12.5
group  homes 2 5
shed   all 3000 evenly 10
shed   homes 9000
