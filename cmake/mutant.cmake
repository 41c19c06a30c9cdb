# cy_mutant(NAME MAIN FILE LIBS X... CHANGES FILE SED [FILE SED]...): a program of MAIN and LIBS in
# which source files of the layers have a line changed by a sed expression, to show that a test would
# notice. The changed copies are linked before the layers, so the linker never looks for the right
# ones. It fails to build when an expression changes nothing: a mutant cannot go stale unseen.
function(cy_mutant name)
  cmake_parse_arguments(M "" "MAIN" "LIBS;CHANGES" ${ARGN})
  set(copies)
  while(M_CHANGES)
    list(POP_FRONT M_CHANGES file sed)
    get_filename_component(base ${file} NAME)
    set(copy ${CMAKE_CURRENT_BINARY_DIR}/${name}.src/${base})
    add_custom_command(OUTPUT ${copy}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/${name}.src
      COMMAND sed -e ${sed} ${CMAKE_SOURCE_DIR}/${file} > ${copy}.new
      COMMAND sh -c "! cmp -s ${copy}.new ${CMAKE_SOURCE_DIR}/${file} || { echo '${name}: nothing was changed in ${file}'; exit 1; }"
      COMMAND ${CMAKE_COMMAND} -E rename ${copy}.new ${copy}
      DEPENDS ${CMAKE_SOURCE_DIR}/${file} COMMENT "mutant ${name}: ${base}" VERBATIM)
    list(APPEND copies ${copy})
  endwhile()
  add_executable(${name} ${M_MAIN} ${copies})
  target_link_libraries(${name} PRIVATE ${M_LIBS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_compile_options(${name} PRIVATE -Wno-unused -Wno-unused-parameter -Wno-unused-function)
endfunction()
