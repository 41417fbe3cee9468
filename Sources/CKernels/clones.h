// Compiles a function once for each class of processor; the loader picks one at start.
#ifndef DISTILLD_CLONES_H
#define DISTILLD_CLONES_H

// DISTILLD_ONE_TARGET compiles for the target alone, to test what runs on processors that are not at hand.
#if defined(__x86_64__) && !defined(DISTILLD_ONE_TARGET)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

// Inlined into every clone, so that it is compiled for that clone's processor.
#define INLINE static inline __attribute__((always_inline))

// Sixteen channels at once: one register, two or four, as the processor has them.
typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));
#define LANES 16

#endif
