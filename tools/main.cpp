#include "sluice/core/version.h"

#include <cstdio>

int main()
{
    std::printf("sluice %s\n", sluice::version().data());
    return 0;
}
