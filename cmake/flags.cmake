# The flags every target of the project is compiled with, as one interface library.
add_library(cy_flags INTERFACE)
target_compile_definitions(cy_flags INTERFACE _GNU_SOURCE)
target_compile_options(cy_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wold-style-definition -Wundef -Wvla -Walloca -Wcast-qual -Wwrite-strings
  -Wpointer-arith -Wformat=2 -Wnull-dereference -Wdouble-promotion -Wfloat-equal -Wswitch-enum
  $<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -Wduplicated-branches
    -Wformat-signedness -Wimplicit-fallthrough=5 -Wjump-misses-init -Wtrampolines>
  $<$<C_COMPILER_ID:Clang>:-Wcast-align -Wimplicit-fallthrough -Wcomma>
  -fno-common -fno-strict-aliasing -ffp-contract=off -fvisibility=hidden
  $<$<BOOL:${CY_WERROR}>:-Werror>
  $<$<CONFIG:Release>:-fstack-protector-strong -fstack-clash-protection -fcf-protection=full
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>)
find_program(CY_LLD ld.lld)
if(CY_LLD AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  target_link_options(cy_flags INTERFACE -fuse-ld=lld) # hundreds of test programs: half the time of linking
endif()
target_link_options(cy_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code)
if(CY_SANITIZE)
  target_compile_options(cy_flags INTERFACE
    -fsanitize=${CY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(cy_flags INTERFACE -fsanitize=${CY_SANITIZE})
  target_compile_definitions(cy_flags INTERFACE CY_CHECKED)
endif()
if(CY_FUZZ)
  target_compile_options(cy_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(CY_COVERAGE)
  target_compile_options(cy_flags INTERFACE --coverage)
  target_link_options(cy_flags INTERFACE --coverage)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(cy_flags INTERFACE CY_CHECKED)
endif()
