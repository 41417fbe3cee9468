#ifndef DISTILLD_CKERNELS_PARALLEL_H
#define DISTILLD_CKERNELS_PARALLEL_H
#include <stdint.h>

/// Work on the half-open range [begin, end) by thread number `thread`.
typedef void (*distill_range_body)(void *context, int64_t begin, int64_t end, int thread);

/// How many threads a parallel loop of the calling thread uses.
int distill_thread_count(void);
/// Sets it, for oneDNN and OpenBLAS too: all three share one OpenMP team.
void distill_set_thread_count(int count);

/// Splits [0, count) into equal consecutive ranges, one a thread; ranges start at multiples of `unit`.
///
/// Runs in the calling thread where fewer than `grain` items come on a second one. The split depends on
/// the thread count alone, so sums over ranges are reproducible.
void distill_parallel(int64_t count, int64_t unit, int64_t grain, distill_range_body body,
                      void *context);

/// Bytes that malloc has handed out and not got back, in all of its arenas.
int64_t distill_allocated_bytes(void);
#endif
