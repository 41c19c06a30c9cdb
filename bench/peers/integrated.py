"""integrated.py HOLDINGS OURS PARTIES HOLDER: integrated ownership by scipy (Debian: python3-scipy).

HOLDINGS has lines "owner owned share", OURS one number a party. Solves (I - A') v = a with scipy's sparse
direct solver, A being the shares of all owners but the holder. Prints: milliseconds of the processor, and the
largest difference. Exit 1 when it is above 1e-9."""
import sys
import time

try:
    import numpy
    from scipy.sparse import csc_matrix, identity
    from scipy.sparse.linalg import spsolve
except ImportError:
    print("integrated skipped: python3-scipy is not installed")
    sys.exit(0)

rows = numpy.loadtxt(sys.argv[1])
ours = numpy.loadtxt(sys.argv[2])
n, holder = int(sys.argv[3]), int(sys.argv[4])
owner, owned, share = rows[:, 0].astype(int), rows[:, 1].astype(int), rows[:, 2]
other = owner != holder
began = time.process_time()
matrix = csc_matrix((share[other], (owned[other], owner[other])), shape=(n, n))
direct = numpy.zeros(n)
numpy.add.at(direct, owned[~other], share[~other])
solved = spsolve(identity(n, format="csc") - matrix, direct)
spent = (time.process_time() - began) * 1e3
worst = float(numpy.max(numpy.abs(solved - ours)))
print(f"integrated, scipy {spent:.1f} ms, largest difference {worst:.1e}")
sys.exit(1 if worst > 1e-9 else 0)
