# What `cmake --install` puts where. Packages are made from it. Services read /etc/comity and keep
# /var/lib/comity, so their files name these paths, whatever the prefix.
include(GNUInstallDirs)
install(TARGETS comity comityd comity-signer comity-audit comity-sim comity-model comity-solve RUNTIME COMPONENT programs)

set(made ${CMAKE_BINARY_DIR}/man)
install(FILES ${made}/comity.1 ${made}/comity-audit.1 ${made}/comity-sim.1 ${made}/comity-model.1 ${made}/comity-solve.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT programs)
install(FILES ${made}/comityd.conf.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT programs)
install(FILES ${made}/comityd.8 ${made}/comity-signer.8
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT programs)
install(FILES ${made}/comity.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME comity COMPONENT programs)
install(FILES ${made}/_comity DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT programs)
install(FILES ${made}/comity.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  COMPONENT programs)

# Units stand in lib/systemd/system of the prefix, and call the programs there.
foreach(unit comityd.service comity-signer.service)
  file(READ ${CMAKE_SOURCE_DIR}/etc/systemd/${unit} text)
  string(REPLACE "/usr/bin/" "${CMAKE_INSTALL_FULL_BINDIR}/" text "${text}")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/systemd/${unit} CONTENT "${text}" @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/systemd/${unit} DESTINATION lib/systemd/system COMPONENT services)
endforeach()
install(FILES etc/systemd/comity.sysusers DESTINATION lib/sysusers.d RENAME comity.conf COMPONENT services)
install(PROGRAMS etc/systemd/comity-adopt DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT services)
install(FILES etc/comityd.cfg.example DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT services)
install(FILES etc/grafana-comity.json etc/prometheus-alerts.yml
  DESTINATION ${CMAKE_INSTALL_DATADIR}/comity COMPONENT services)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT programs)
