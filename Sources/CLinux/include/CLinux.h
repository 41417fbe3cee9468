// What Linux offers and Swift's Glibc module does not show: inotify, peer credentials of a socket,
// process names, process descriptors, kinds of file systems. Every function returns -1 and sets
// errno on failure unless it says otherwise.
#ifndef CLINUX_H
#define CLINUX_H

#include "CLinuxFiles.h"
#include "CLinuxInotify.h"
#include "CLinuxProcesses.h"
#include "CLinuxSockets.h"

#endif
