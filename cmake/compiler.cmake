# How everything is compiled. The presets choose the compiler, the build type and the sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON) # TRY is a statement expression
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(DAYU_WERROR "A warning stops the build" OFF)
option(DAYU_FUZZ "Build the libFuzzer targets of tests/fuzz (clang only)" OFF)
option(DAYU_PRECOMPILE "Read the headers that most units include once, precompiled" OFF)
set(DAYU_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize= takes them")

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG") # our own CHECK does not look at NDEBUG
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g -D_GLIBCXX_ASSERTIONS")

# A member that a designated initializer leaves out has its default: that is what it is for.
add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
                    -Wno-missing-field-initializers -Wno-missing-designated-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-restrict) # g++ 12 reports "text" + std::string, wrongly
    # And of a std::variant or std::optional that is moved it reports, wrongly, members that it does not hold.
    set_source_files_properties(
        apps/dayu/job_name.cpp apps/dayu/ls.cpp apps/dayu/remote_files.cpp
        src/notices/channels/feishu.cpp src/rest/center_health.cpp src/rest/contents.cpp
        src/rest/job_outputs.cpp src/wire/job_file.cpp
        PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang") # g++ tells of what we use that is deprecated
    add_compile_options(-Wno-deprecated-declarations) # std::stable_sort of libstdc++ 12 calls such a function
endif()
if(DAYU_WERROR)
    add_compile_options(-Werror)
endif()
if(DAYU_SANITIZE)
    add_compile_options(-fsanitize=${DAYU_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
                        -gline-tables-only) # all that a report needs, and a third less to compile
    if(DAYU_SANITIZE MATCHES "undefined") # without what costs most to compile, of which AddressSanitizer sees much
        add_compile_options(-fno-sanitize=null,alignment,vptr,object-size,function)
    endif()
    add_link_options(-fsanitize=${DAYU_SANITIZE})
endif()
if(DAYU_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Paths below the source folder are cached as relative ones, so that clones and build folders share hits.
find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        env CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()
