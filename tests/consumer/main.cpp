#include <sluice/core/version.h>
#include <sluice/run/runner.h>

#include <iostream>

int main()
{
    std::cout << sluice::version() << ' ' << sluice::parse_url("sqlite:shop.db").display() << '\n';
}
