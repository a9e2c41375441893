// What Swift's Glibc leaves out of file systems: their kind, and waiting for all of one.
#pragma once
#include <sys/vfs.h>

// Of unistd.h, where _GNU_SOURCE is defined before anything else is included.
extern int syncfs(int descriptor);
