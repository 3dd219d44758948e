# How the dependencies are found; installed with the package, which includes it. SOCI and Connector/C++ ship neither CMake
# nor pkg-config files on Debian 12: plain find_path and find_library it is.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(PkgConfig)
find_dependency(SQLite3)
find_dependency(PostgreSQL)
find_dependency(fmt)
find_dependency(tomlplusplus)
find_dependency(nlohmann_json)
pkg_check_modules(LIBPQXX REQUIRED IMPORTED_TARGET GLOBAL libpqxx>=6.4)
pkg_check_modules(MARIADB REQUIRED IMPORTED_TARGET GLOBAL libmariadb)

function(sluice_import name library header)
  if(TARGET sluice_dep::${name})
    return()
  endif()
  find_path(SLUICE_${name}_INCLUDE ${header} REQUIRED)
  find_library(SLUICE_${name}_LIBRARY ${library} REQUIRED)
  add_library(sluice_dep::${name} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(sluice_dep::${name} PROPERTIES
    IMPORTED_LOCATION "${SLUICE_${name}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${SLUICE_${name}_INCLUDE}"
    INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

sluice_import(soci_core soci_core soci/soci.h Threads::Threads)
sluice_import(soci_sqlite3 soci_sqlite3 soci/soci.h sluice_dep::soci_core SQLite::SQLite3)
sluice_import(soci_postgresql soci_postgresql soci/soci.h sluice_dep::soci_core PostgreSQL::PostgreSQL)
sluice_import(soci_mysql soci_mysql soci/soci.h sluice_dep::soci_core PkgConfig::MARIADB)
sluice_import(mysqlcppconn mysqlcppconn cppconn/driver.h PkgConfig::MARIADB)
