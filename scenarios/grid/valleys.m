function mpc = valleys
% Three valleys and a coast that share a grid. Invented; megawatts and money an hour.
mpc.version = '2';
mpc.baseMVA = 100;

%	bus	type	Pd	Qd	Gs	Bs	area	Vm	Va	kV	zone	Vmax	Vmin
mpc.bus = [
	1	3	40	0	0	0	1	1	0	220	1	1.1	0.9;	% high lake
	2	1	160	0	0	0	1	1	0	220	1	1.1	0.9;	% upper town
	3	1	90	0	0	0	2	1	0	220	1	1.1	0.9;	% hospital valley
	4	2	220	0	0	0	2	1	0	220	1	1.1	0.9;	% port
	5	2	60	0	0	0	3	1	0	220	1	1.1	0.9;	% wind coast
	6	1	130	0	0	0	3	1	0	220	1	1.1	0.9;	% lower town
];

%	bus	Pg	Qg	Qmax	Qmin	Vg	mBase	status	Pmax	Pmin
mpc.gen = [
	1	0	0	0	0	1	100	1	260	20;	% 1 water
	5	0	0	0	0	1	100	1	320	0;	% 2 wind
	4	0	0	0	0	1	100	1	300	0;	% 3 gas
	6	0	0	0	0	1	100	1	180	0;	% 4 coal
	2	0	0	0	0	1	100	1	60	0;	% 5 oil
];

%	model	start	stop	n	quadratic, linear, constant
mpc.gencost = [
	2	0	0	3	0	4	50;
	2	0	0	3	0	0	0;
	2	0	0	3	0.03	42	120;
	2	0	0	3	0.01	30	200;
	2	0	0	3	0	110	0;
];

%	from	to	r	x	b	A	B	C	ratio	shift	on	least	most
mpc.branch = [
	1	2	0.004	0.04	0	200	0	0	0	0	1	-30	30;
	1	3	0.006	0.06	0	120	0	0	0	0	1	-30	30;
	2	4	0.005	0.05	0	150	0	0	0	0	1	-30	30;
	3	4	0.004	0.04	0	150	0	0	0	0	1	-30	30;
	3	6	0.007	0.07	0	100	0	0	0	0	1	-30	30;
	4	5	0.003	0.03	0	180	0	0	0	0	1	-30	30;
	5	6	0.005	0.05	0	140	0	0	0	0	1	-30	30;
];
