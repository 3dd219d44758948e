# Read by ctest behind the lists of tests: what takes longest is started first, so that nothing is left running alone at the end.
foreach(test IN LISTS sqlite_TESTS postgresql_TESTS mysql_TESTS)
  if(test MATCHES "dies at any statement|death in the middle|killed again and again|worked series|slots and followers|binary log of statements")
    set_tests_properties("${test}" PROPERTIES COST 50)
  endif()
endforeach()
