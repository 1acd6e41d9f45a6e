# What `cmake --install` puts where, and the Debian package that `cpack` makes of it. Programs find the rest by
# their own place (../share/dayu, ../libexec/dayu), so any prefix will do.
include(GNUInstallDirs)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON) # the target `programs` is all that is installed

install(TARGETS dayu RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS dayu-shim RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/dayu)
install(DIRECTORY data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/dayu)
install(DIRECTORY api DESTINATION ${CMAKE_INSTALL_DATADIR}/dayu)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN adr EXCLUDE PATTERN checklist EXCLUDE)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES README.md README.zh-CN.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR} OPTIONAL) # of the target `man`

# What `dayu completion SHELL` prints, where this version has that verb.
foreach(row bash|bash-completion/completions/dayu zsh|zsh/site-functions/_dayu fish|fish/vendor_completions.d/dayu.fish)
    string(REPLACE "|" ";" row ${row})
    list(GET row 0 shell)
    list(GET row 1 file)
    install(CODE "
        execute_process(COMMAND \"${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/dayu\" completion ${shell}
                        RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_QUIET)
        if(NOT failed)
            file(WRITE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/${file}\" \"\${text}\")
        endif()")
endforeach()

# Of the Debian package alone: units and settings, whose places do not depend on a prefix.
foreach(unit dayu-server dayu-agent)
    install(FILES packaging/systemd/${unit}.service DESTINATION /usr/lib/systemd/system
            COMPONENT debian EXCLUDE_FROM_ALL)
endforeach()
install(FILES packaging/etc/agent.yaml packaging/etc/server.yaml DESTINATION /etc/dayu
        COMPONENT debian EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME dayu)
set(CPACK_PACKAGE_VENDOR Dayu)
set(CPACK_PACKAGE_CONTACT "Dayu <dayu@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "dispatch centre for AI compute")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "A job is submitted once; Dayu finds the best of many compute centres for it, runs it there exactly once, and can show
 the table by which it decided. Server, agent and client are one program.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS passwd)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/packaging/debian/postinst
    ${CMAKE_SOURCE_DIR}/packaging/debian/prerm ${CMAKE_SOURCE_DIR}/packaging/debian/postrm
    ${CMAKE_SOURCE_DIR}/packaging/debian/conffiles)
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};dayu;ALL;/" "${CMAKE_BINARY_DIR};dayu;debian;/")
include(CPack)
