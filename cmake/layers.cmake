# A layer is one folder of src/ and one static library.
#
#   cy_layer(NAME ON LOWER... FILES FILE... LIBS EXTERNAL...)
#
# FILES is the reading order: a file may include only files above it in this list and files of the
# layers named in ON. tools/check_layers.sh holds both includes and symbols to it (test law.NAME).
function(cy_layer name)
  cmake_parse_arguments(L "" "" "ON;FILES;LIBS" ${ARGN})
  string(REPLACE / _ id ${name})
  set(paths ${L_FILES})
  list(TRANSFORM paths PREPEND src/${name}/)
  set(sources ${L_FILES})
  list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/src/${name}/)
  list(FILTER sources INCLUDE REGEX "\\.c$")
  add_library(cy_${id} STATIC ${sources})
  target_include_directories(cy_${id} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(cy_${id} PUBLIC cy_flags)
  set(archives)
  foreach(lower ${L_ON})
    string(REPLACE / _ lower ${lower})
    target_link_libraries(cy_${id} PUBLIC cy_${lower})
    list(APPEND archives $<TARGET_FILE:cy_${lower}>)
  endforeach()
  target_link_libraries(cy_${id} PUBLIC ${L_LIBS})
  add_test(NAME law.${id} COMMAND ${CMAKE_SOURCE_DIR}/tools/check_layers.sh
           ${CMAKE_SOURCE_DIR} ${name} "${L_ON}" "${paths}" $<TARGET_FILE:cy_${id}> "${archives}")
  set_tests_properties(law.${id} PROPERTIES LABELS law)
endfunction()

# cy_relaxed(FILE.c...): test code, with conversions relaxed. Options of a file come after those of
# cy_flags; options of its target would come before them, and lose.
function(cy_relaxed)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "-Wno-conversion;-Wno-sign-conversion;-Wno-float-equal;-Wno-missing-prototypes;-Wno-cast-qual;-Wno-null-dereference;-Wno-format-nonliteral")
endfunction()

# cy_unit(LAYER FILE.c [LIBS X...] [LABEL L]): one cmocka program that links a layer and what is
# below it. Published vectors are found through CY_SHARED (../shared); a test skips without them.
function(cy_unit layer file)
  cmake_parse_arguments(T "" "LABEL;TIMEOUT" "LIBS" ${ARGN})
  get_filename_component(n ${file} NAME_WE)
  string(REPLACE / _ layer ${layer})
  if(NOT T_LABEL)
    set(T_LABEL unit)
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 60)
  endif()
  add_executable(${n} ${file})
  target_link_libraries(${n} PRIVATE cy_${layer} ${T_LIBS} cmocka)
  cy_relaxed(${file})
  target_compile_definitions(${n} PRIVATE CY_SHARED="${CMAKE_SOURCE_DIR}/../shared"
    CY_SOURCE="${CMAKE_SOURCE_DIR}")
  target_include_directories(${n} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  add_test(NAME ${T_LABEL}.${n} COMMAND ${n})
  set_tests_properties(${T_LABEL}.${n} PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT})
endfunction()
