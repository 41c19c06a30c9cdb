# cy_mutant(NAME FILE SED MAIN LIBS X...): a program of MAIN and LIBS in which one source file of a
# layer has one line changed by a sed expression, to show that a test would notice. The changed copy
# is linked before the layer, so the linker never looks for the right one. It fails to build when the
# expression changes nothing: a mutant cannot go stale unseen.
function(cy_mutant name)
  cmake_parse_arguments(M "" "FILE;SED;MAIN" "LIBS" ${ARGN})
  get_filename_component(base ${M_FILE} NAME)
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/${name}/${base})
  add_custom_command(OUTPUT ${copy}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/${name}
    COMMAND sed -e ${M_SED} ${CMAKE_SOURCE_DIR}/${M_FILE} > ${copy}.new
    COMMAND sh -c "! cmp -s ${copy}.new ${CMAKE_SOURCE_DIR}/${M_FILE} || { echo 'mutant ${name}: nothing was changed'; exit 1; }"
    COMMAND ${CMAKE_COMMAND} -E rename ${copy}.new ${copy}
    DEPENDS ${CMAKE_SOURCE_DIR}/${M_FILE} COMMENT "mutant ${name}" VERBATIM)
  add_executable(${name} ${M_MAIN} ${copy})
  target_link_libraries(${name} PRIVATE ${M_LIBS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_compile_options(${name} PRIVATE -Wno-unused -Wno-unused-parameter -Wno-unused-function)
endfunction()
