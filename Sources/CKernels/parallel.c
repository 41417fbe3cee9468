#include "CKernelsParallel.h"

#include <malloc.h>
#include <stddef.h>

// GNU's OpenMP run-time, which oneDNN and OpenBLAS use too. Declared here because Clang's own headers
// belong to another run-time.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_max_threads(void);
extern int omp_get_num_threads(void);
extern int omp_get_thread_num(void);
extern int omp_in_parallel(void);
extern void omp_set_num_threads(int count);

int distill_thread_count(void) { return omp_get_max_threads(); }

void distill_set_thread_count(int count) { omp_set_num_threads(count); }

typedef struct {
    int64_t count, unit;
    distill_range_body body;
    void *context;
} loop;

static void run_range(void *data) {
    const loop *work = data;
    const int64_t threads = omp_get_num_threads(), thread = omp_get_thread_num();
    const int64_t units = (work->count + work->unit - 1) / work->unit;
    const int64_t begin = units * thread / threads * work->unit;
    int64_t end = units * (thread + 1) / threads * work->unit;
    if (end > work->count) end = work->count;
    if (begin < end) work->body(work->context, begin, end, (int)thread);
}

void distill_parallel(int64_t count, int64_t unit, int64_t grain, distill_range_body body,
                      void *context) {
    if (count <= 0) return;
    // Either one thread or the whole team: a team that changes its size starts threads anew.
    if (count < 2 * grain || count <= unit || omp_in_parallel() || omp_get_max_threads() == 1) {
        body(context, 0, count, 0);
        return;
    }
    loop work = {count, unit, body, context};
    GOMP_parallel(run_range, &work, 0, 0);
}

int64_t distill_allocated_bytes(void) {
    const struct mallinfo2 info = mallinfo2();
    return (int64_t)(info.uordblks + info.hblkhd);
}
