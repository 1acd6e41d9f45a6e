# The words that the CMake files of this project are written in.
set(DAYU_LIBRARIES "")

# With DAYU_PRECOMPILE: TARGET reads cmake/precompiled.h as dayu_base, the first of all, has compiled it.
function(dayu_precompile target)
    if(NOT DAYU_PRECOMPILE)
        return()
    endif()
    if(target STREQUAL "dayu_base")
        target_precompile_headers(dayu_base PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
        target_compile_definitions(dayu_base PRIVATE GTEST_HAS_PTHREAD=1) # as the tests have it
    else()
        target_precompile_headers(${target} REUSE_FROM dayu_base)
    endif()
endfunction()

# dayu_library(NAME [LINK LIB...] [TEST_LINK LIB...]): src/NAME as the library dayu_NAME, and its *_test.cpp
# as NAME_test. It links what the include table lets it include, and LINK. A folder that does not exist
# yet is passed over.
function(dayu_library name)
    cmake_parse_arguments(ARG "" "" "LINK;TEST_LINK" ${ARGN})
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.h)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
    if(NOT headers AND NOT sources)
        return()
    endif()
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

    dayu_may_include(${name} depends)
    if(sources)
        add_library(dayu_${name} STATIC ${sources})
        dayu_precompile(dayu_${name})
        set(scope PUBLIC)
    else()
        add_library(dayu_${name} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_include_directories(dayu_${name} ${scope} ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(dayu_${name} ${scope} ${depends} ${ARG_LINK})
    dayu_header_check(${name} ${headers})
    if(tests)
        dayu_test(${name}_test SOURCES ${tests} LINK dayu_${name} ${ARG_TEST_LINK})
    endif()
    set(DAYU_LIBRARIES ${DAYU_LIBRARIES} dayu_${name} PARENT_SCOPE)
endfunction()

# The libraries of the folders that src/NAME may include, of those that exist, into OUT.
function(dayu_may_include name out)
    set(table ${CMAKE_SOURCE_DIR}/tests/tidy/includes.txt)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${table})
    file(STRINGS ${table} row REGEX "^${name}:")
    if(NOT row)
        message(FATAL_ERROR "${name} has no row in ${table}")
    endif()
    string(REGEX REPLACE "^[^:]*:" "" row "${row}")
    separate_arguments(row)
    set(libraries "")
    foreach(other IN LISTS row)
        if(TARGET dayu_${other})
            list(APPEND libraries dayu_${other})
        endif()
    endforeach()
    set(${out} ${libraries} PARENT_SCOPE)
endfunction()

# Compiles each HEADER of src/NAME alone, in the target `headers`; the test tidy_headers builds it.
add_custom_target(headers)
function(dayu_header_check name)
    set(units "")
    foreach(header IN LISTS ARGN)
        file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR}/src ${header})
        set(unit ${CMAKE_BINARY_DIR}/headers/${path}.cpp)
        file(CONFIGURE OUTPUT ${unit} CONTENT "#include \"@path@\"\n" @ONLY)
        list(APPEND units ${unit})
    endforeach()
    if(units)
        add_library(headers_${name} OBJECT EXCLUDE_FROM_ALL ${units})
        target_link_libraries(headers_${name} PRIVATE dayu_${name})
        target_compile_options(headers_${name} PRIVATE -O0)
        add_dependencies(headers headers_${name})
    endif()
endfunction()

# dayu_embed(LIBRARY NAME FILE): dayu_LIBRARY holds the text of FILE, as `extern const std::string_view dayu::embedded::NAME`.
function(dayu_embed library name file)
    set(script ${CMAKE_SOURCE_DIR}/cmake/embed.cmake)
    set(unit ${CMAKE_BINARY_DIR}/embedded/${name}.cpp)
    add_custom_command(OUTPUT ${unit}
        COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DFILE=${CMAKE_SOURCE_DIR}/${file} -DUNIT=${unit} -P ${script}
        DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${script})
    target_sources(dayu_${library} PRIVATE ${unit})
endfunction()

# dayu_program(NAME FOLDER DIR [LINK LIB...]): the *.cpp of DIR, from the source folder, as bin/NAME. The
# target `programs` builds them all, and nothing of the tests.
add_custom_target(programs)
function(dayu_program name)
    cmake_parse_arguments(ARG "" "FOLDER" "LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${ARG_FOLDER}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    if(sources)
        add_executable(${name} ${sources})
        dayu_precompile(${name})
        target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/apps)
        target_link_libraries(${name} PRIVATE ${ARG_LINK})
        add_dependencies(programs ${name})
    endif()
endfunction()

# dayu_test(NAME SOURCES FILE... [LINK LIB...] [LABELS LABEL...] [TIMEOUT SECONDS] [SERIAL]): a GoogleTest
# program, one CTest test whose cases are counted from its own report. Labels: `slow` is left out by
# ./check --quick, `full` runs in ./check --full alone, `once` never under sanitizers. SERIAL: nothing else runs beside it.
# The target `tests` builds them: all, or where DAYU_TESTS is set those that it names, and CTest knows no others.
set(DAYU_TESTS "" CACHE STRING "GoogleTest programs that the target tests builds; empty: all")
add_custom_target(tests)
function(dayu_test name)
    cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    dayu_precompile(${name})
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main rapidcheck)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    if(DAYU_TESTS AND NOT name IN_LIST DAYU_TESTS)
        return()
    endif()
    add_dependencies(tests ${name})
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    dayu_test_properties(${name} "${ARG_LABELS}" "${ARG_TIMEOUT}" ${ARG_SERIAL})
endfunction()

# dayu_script_test(NAME COMMAND ARG... [LABELS LABEL...] [TIMEOUT SECONDS] [SERIAL]): any command as one
# test. It fails with a non-zero exit; 77 means skipped.
function(dayu_script_test name)
    cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "COMMAND;LABELS" ${ARGN})
    add_test(NAME ${name} COMMAND ${ARG_COMMAND} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    dayu_test_properties(${name} "${ARG_LABELS}" "${ARG_TIMEOUT}" ${ARG_SERIAL})
endfunction()

# Tests run in the source folder and find the built programs in DAYU_BIN.
function(dayu_test_properties name labels timeout serial)
    if(NOT timeout)
        set(timeout 120)
    endif()
    if(DAYU_SANITIZE)
        math(EXPR timeout "${timeout} * 4")
    endif()
    set_tests_properties(${name} PROPERTIES
        LABELS "${labels}"
        TIMEOUT ${timeout}
        RUN_SERIAL ${serial}
        SKIP_RETURN_CODE 77
        ENVIRONMENT "DAYU_BIN=${CMAKE_BINARY_DIR}/bin;GTEST_OUTPUT=xml:${CMAKE_BINARY_DIR}/results/${name}.xml")
    if(DAYU_SANITIZE) # their reports name lines by llvm-symbolizer, which Debian keeps here
        set_tests_properties(${name} PROPERTIES
            ENVIRONMENT_MODIFICATION PATH=path_list_prepend:/usr/lib/llvm-19/bin)
    endif()
endfunction()

# dayu_bench(NAME SOURCES FILE... [LINK LIB...]): a measuring program, bin/NAME; built in release, never run as a test.
function(dayu_bench name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT DAYU_SANITIZE)
        add_executable(${name} ${ARG_SOURCES})
        target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
        target_link_libraries(${name} PRIVATE ${DAYU_ALLOCATOR} ${ARG_LINK})
    endif()
endfunction()

# dayu_fuzzer(NAME SOURCES FILE... [LINK LIB...]): a libFuzzer target, fuzz/NAME, where DAYU_FUZZ is on.
# Seeds that should be tried first lie in tests/fuzz/corpus/NAME. The target `fuzzers` builds them all.
add_custom_target(fuzzers)
function(dayu_fuzzer name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    if(NOT DAYU_FUZZ)
        return()
    endif()
    add_executable(${name} ${ARG_SOURCES})
    dayu_precompile(${name})
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${name} PRIVATE ${ARG_LINK})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    add_dependencies(fuzzers ${name})
endfunction()

# Adds each folder directly under PARENT that has a CMakeLists.txt.
function(dayu_subdirectories parent)
    file(GLOB lists CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${parent}/*/CMakeLists.txt)
    foreach(list IN LISTS lists)
        get_filename_component(folder ${list} DIRECTORY)
        add_subdirectory(${folder})
    endforeach()
endfunction()
