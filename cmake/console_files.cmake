# cy_console_files(TARGET): compiles what npm left in build/web into a target (console.cmake).
set(COMITY_CONSOLE AUTO CACHE STRING "the console: AUTO (when web/build.sh was run), ON (fail without), OFF")
set_property(CACHE COMITY_CONSOLE PROPERTY STRINGS AUTO ON OFF)
set(COMITY_WEB ${CMAKE_SOURCE_DIR}/build/web CACHE PATH "where web/build.sh left the console")

function(cy_console_files target)
  set(table ${CMAKE_CURRENT_BINARY_DIR}/console_files.c)
  # Looked at in every build, because web/build.sh may have been run since; written only when it differs.
  set(print ${CMAKE_COMMAND} -DWEB=${COMITY_WEB} -DOUT=${table} -DNEED=${COMITY_CONSOLE}
            -P ${CMAKE_SOURCE_DIR}/cmake/console.cmake)
  add_custom_target(${target}_table COMMAND ${print} BYPRODUCTS ${table} COMMENT "console: table of files")
  target_sources(${target} PRIVATE ${table})
  add_dependencies(${target} ${target}_table)
endfunction()
