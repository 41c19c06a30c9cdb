# Short commands for people. The build itself is CMake: cmake --preset debug && cmake --build --preset debug
SECONDS ?= 60

all:
	@scripts/deps build test
	@test -f build/debug/build.ninja || cmake --preset debug
	@cmake --build --preset debug

check:
	@./check

bench:
	@scripts/deps build test bench
	@cmake --preset release -DCY_TESTS=ON # ./demo leaves them out
	@cmake --build --preset release --target bench

# Models of agreement and bridges, searched whole, and the code held to them (docs/formal.md).
formal:
	@scripts/deps build test
	@cmake --preset debug -DCY_TESTS=ON
	@cmake --build --preset debug
	@formal/run.sh long build/debug/bin

fuzz:
	@scripts/deps build test
	@tools/fuzz.sh $(SECONDS) $(TARGET)

# Federations on simulated machines, from many seeds (docs/simulator.md).
SEEDS ?= 10000
sim-long:
	@scripts/deps build
	@cmake --preset release
	@cmake --build --preset release --target comity-sim
	@build/release/bin/comity-sim --seeds $(SEEDS) --shrink --quiet

# The console, for the C build to embed (docs/console.md).
web:
	@scripts/deps web
	@web/build.sh

# Print the tables of SPEC/ and docs/ again, and write the vectors, after a change of what they show.
spec: all
	@tools/spec.sh

# Debian packages, into build/packages; deb-check builds and installs them in clean roots.
deb:
	@scripts/deb

deb-check:
	@scripts/deb-check

format:
	@find src tests tools bench formal -name '*.[ch]' -not -path '*/node_modules/*' 2>/dev/null | xargs clang-format -i

clean:
	rm -rf build

.PHONY: formal deb deb-check all check web bench sim-long fuzz spec format clean
