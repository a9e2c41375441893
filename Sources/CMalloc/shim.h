// The settings of glibc's allocator, which Swift's Glibc leaves out; other C libraries have none.
#ifdef __linux__
#include <features.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#endif
