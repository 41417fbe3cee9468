// The contract is a header; this file makes a compiler read it as C on its own.
#include "CDistillPlugin.h"
