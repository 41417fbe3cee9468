/// The entry of the tiny plugin, which exists to prove that the contract needs nothing but C.
#ifndef DISTILL_TINY_MODALITY_H
#define DISTILL_TINY_MODALITY_H

#include "CDistillPlugin.h"

const distill_plugin *distill_plugin_entry_tiny(void);

#endif
