#include <iostream>
#include <sluice/core/version.h>
#include <sluice/run/runner.h>

int main()
{
    std::cout << sluice::version() << ' ' << sluice::parse_url("sqlite:shop.db").display() << '\n';
}
