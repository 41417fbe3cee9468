#include "CKernelsReduction.h"

#include <math.h>
#include <string.h>

#include "clones.h"
#include "grid.h"

// Sums are exact enough for long rows: blocks in float32 with many accumulators, blocks in float64.
#define BLOCK 2048
// Rows that are added in float32 before they go to float64.
#define ROWS 32
// Columns that one pass over the rows takes.
#define COLUMNS 64

enum { SUM = DISTILL_REDUCE_SUM, MAXIMUM = DISTILL_REDUCE_MAXIMUM, MINIMUM = DISTILL_REDUCE_MINIMUM };

INLINE double initial(int function) {
    return function == SUM ? 0.0 : function == MAXIMUM ? -INFINITY : INFINITY;
}

INLINE double combine(int function, double a, double b) {
    return function == SUM ? a + b : function == MAXIMUM ? (a > b ? a : b) : (a < b ? a : b);
}

/// The reduction of `count` elements `stride` apart.
CLONES(double, reduce_run, (int function, const float *in, int64_t count, int64_t stride),
       (function, in, count, stride)) {
    double total = initial(function);
    for (int64_t start = 0; start < count; start += BLOCK) {
        const int64_t n = count - start < BLOCK ? count - start : BLOCK;
        const float *x = in + start * stride;
        if (stride != 1) {
            for (int64_t i = 0; i < n; i++) total = combine(function, total, x[i * stride]);
            continue;
        }
        lanes a = (lanes){0} + (float)initial(function), b = a, c = a, d = a;
        int64_t i = 0;
        if (function == SUM) {
            for (; i + 4 * LANES <= n; i += 4 * LANES) {
                a += *(const lanes *)(x + i);
                b += *(const lanes *)(x + i + LANES);
                c += *(const lanes *)(x + i + 2 * LANES);
                d += *(const lanes *)(x + i + 3 * LANES);
            }
            for (; i + LANES <= n; i += LANES) a += *(const lanes *)(x + i);
            a = (a + b) + (c + d);
        } else {
            for (; i + LANES <= n; i += LANES) {
                const lanes v = *(const lanes *)(x + i);
                a = function == MAXIMUM ? __builtin_elementwise_max(v, a) : __builtin_elementwise_min(v, a);
            }
        }
        if (i >= LANES)
            for (int k = 0; k < LANES; k++) total = combine(function, total, a[k]);
        for (; i < n; i++) total = combine(function, total, x[i]);
    }
    return total;
}

/// Adds `rows` rows of `columns` <= COLUMNS elements into `total`.
CLONES(void, reduce_rows,
       (int function, const float *in, int64_t rows, int64_t stride, int64_t columns, double *total),
       (function, in, rows, stride, columns, total)) {
    for (int64_t start = 0; start < rows; start += ROWS) {
        const int64_t n = rows - start < ROWS ? rows - start : ROWS;
        const float *x = in + start * stride;
        if (columns == COLUMNS && function == SUM) {
            lanes a = {0}, b = {0}, c = {0}, d = {0};
            for (int64_t r = 0; r < n; r++, x += stride) {
                a += *(const lanes *)x;
                b += *(const lanes *)(x + LANES);
                c += *(const lanes *)(x + 2 * LANES);
                d += *(const lanes *)(x + 3 * LANES);
            }
            for (int k = 0; k < LANES; k++) {
                total[k] += a[k];
                total[k + LANES] += b[k];
                total[k + 2 * LANES] += c[k];
                total[k + 3 * LANES] += d[k];
            }
            continue;
        }
        float part[COLUMNS];
        memcpy(part, x, (size_t)columns * sizeof *part);
        for (int64_t r = 1; r < n; r++) {
            const float *row = x + r * stride;
            if (function == SUM) {
                for (int64_t c = 0; c < columns; c++) part[c] += row[c];
            } else if (function == MAXIMUM) {
                for (int64_t c = 0; c < columns; c++) part[c] = row[c] > part[c] ? row[c] : part[c];
            } else {
                for (int64_t c = 0; c < columns; c++) part[c] = row[c] < part[c] ? row[c] : part[c];
            }
        }
        for (int64_t c = 0; c < columns; c++) total[c] = combine(function, total[c], part[c]);
    }
}

typedef struct {
    int function;
    const distill_reduction *reduction;
    float scale;
    const float *in;
    float *out;
    double *partial;
} reduce_work;

/// Reduces for one kept index at `in`; `first` and `count` bound the outermost reduced axis.
static double reduce_one(const reduce_work *work, const float *in, int64_t first, int64_t count) {
    const distill_grid *reduced = &work->reduction->reduced;
    const int last = reduced->rank - 1;
    if (last == 0)
        return reduce_run(work->function, in + first * reduced->strides[0][0], count,
                          reduced->strides[0][0]);
    const int64_t inner = grid_count(reduced, last) / reduced->extents[0];
    double total = initial(work->function);
    for (int64_t k = first * inner; k < (first + count) * inner; k++)
        total = combine(work->function, total,
                        reduce_run(work->function, in + grid_offset(reduced, last, 0, k),
                                   reduced->extents[last], reduced->strides[0][last]));
    return total;
}

/// The same for `columns` neighbouring kept indices.
static void reduce_columns(const reduce_work *work, const float *in, int64_t columns, int64_t first,
                           int64_t count, double *total) {
    const distill_grid *reduced = &work->reduction->reduced;
    const int last = reduced->rank - 1;
    for (int64_t c = 0; c < columns; c++) total[c] = initial(work->function);
    if (last == 0) {
        reduce_rows(work->function, in + first * reduced->strides[0][0], count,
                    reduced->strides[0][0], columns, total);
        return;
    }
    const int64_t inner = grid_count(reduced, last) / reduced->extents[0];
    for (int64_t k = first * inner; k < (first + count) * inner; k++)
        reduce_rows(work->function, in + grid_offset(reduced, last, 0, k), reduced->extents[last],
                    reduced->strides[0][last], columns, total);
}

static int by_columns(const distill_reduction *r) {
    const int last = r->kept.rank - 1;
    return r->kept.strides[1][last] == 1 && r->kept.strides[0][last] == 1 &&
           r->kept.extents[last] > 1;
}

static int64_t chunks(const distill_reduction *r) {
    return (r->kept.extents[r->kept.rank - 1] + COLUMNS - 1) / COLUMNS;
}

static void kept_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const reduce_work *work = context;
    const distill_grid *kept = &work->reduction->kept;
    const int64_t whole = work->reduction->reduced.extents[0];
    if (!by_columns(work->reduction)) {
        for (int64_t k = begin; k < end; k++)
            work->out[grid_offset(kept, kept->rank, 0, k)] =
                (float)(reduce_one(work, work->in + grid_offset(kept, kept->rank, 1, k), 0, whole) *
                        work->scale);
        return;
    }
    const int last = kept->rank - 1;
    const int64_t parts = chunks(work->reduction), extent = kept->extents[last];
    double total[COLUMNS];
    for (int64_t k = begin; k < end; k++) {
        const int64_t outer = k / parts, column = k % parts * COLUMNS;
        const int64_t columns = extent - column < COLUMNS ? extent - column : COLUMNS;
        reduce_columns(work, work->in + grid_offset(kept, last, 1, outer) + column, columns, 0,
                       whole, total);
        float *out = work->out + grid_offset(kept, last, 0, outer) + column;
        for (int64_t c = 0; c < columns; c++) out[c] = (float)(total[c] * work->scale);
    }
}

/// Few results from many elements: each thread takes a part of the outermost reduced axis.
static void split_part(void *context, int64_t begin, int64_t end, int thread) {
    const reduce_work *work = context;
    const distill_grid *kept = &work->reduction->kept;
    const int64_t results = grid_count(kept, kept->rank);
    double *partial = work->partial + thread * results;
    if (!by_columns(work->reduction)) {
        for (int64_t k = 0; k < results; k++)
            partial[k] = reduce_one(work, work->in + grid_offset(kept, kept->rank, 1, k), begin,
                                    end - begin);
        return;
    }
    const int64_t extent = kept->extents[kept->rank - 1];
    for (int64_t outer = 0; outer < results / extent; outer++)
        for (int64_t column = 0; column < extent; column += COLUMNS)
            reduce_columns(work, work->in + grid_offset(kept, kept->rank - 1, 1, outer) + column,
                           extent - column < COLUMNS ? extent - column : COLUMNS, begin,
                           end - begin, partial + outer * extent + column);
}

/// Whether the reduced axis is what the threads share.
static int splits(const distill_reduction *r) {
    const int64_t results = grid_count(&r->kept, r->kept.rank);
    const int64_t tasks = by_columns(r) ? results / r->kept.extents[r->kept.rank - 1] * chunks(r)
                                        : results;
    return tasks < 4 * distill_thread_count() && results <= 65536 &&
           r->reduced.extents[0] >= 4 * distill_thread_count() &&
           grid_count(&r->reduced, r->reduced.rank) * results >= 32768;
}

int64_t distill_reduce_scratch(const distill_reduction *r) {
    return splits(r) ? distill_thread_count() * grid_count(&r->kept, r->kept.rank) * 8 : 0;
}

void distill_reduce(int function, const distill_reduction *r, float scale, const float *in,
                    float *out, void *scratch) {
    reduce_work work = {function, r, scale, in, out, scratch};
    const int64_t results = grid_count(&r->kept, r->kept.rank);
    const int64_t cost = grid_count(&r->reduced, r->reduced.rank);
    if (!splits(r)) {
        const int columns = by_columns(r);
        const int64_t tasks =
            columns ? results / r->kept.extents[r->kept.rank - 1] * chunks(r) : results;
        const int64_t size = columns ? cost * COLUMNS : cost;
        distill_parallel(tasks, 1, 16384 / (size + 1) + 1, kept_part, &work);
        return;
    }
    const int threads = distill_thread_count();
    for (int64_t k = 0; k < threads * results; k++) work.partial[k] = initial(function);
    distill_parallel(r->reduced.extents[0], 1, 1, split_part, &work);
    for (int64_t k = 0; k < results; k++) {
        double total = initial(function);
        for (int t = 0; t < threads; t++)
            total = combine(function, total, work.partial[t * results + k]);
        out[grid_offset(&r->kept, r->kept.rank, 0, k)] = (float)(total * scale);
    }
}

typedef struct {
    const float *in;
    double *partial;
} squares;

CLONES_PART(squares_part) {
    const squares *work = context;
    double total = 0;
    for (int64_t start = begin; start < end; start += BLOCK) {
        const int64_t n = end - start < BLOCK ? end - start : BLOCK;
        const float *x = work->in + start;
        lanes a = {0}, b = {0};
        int64_t i = 0;
        for (; i + 2 * LANES <= n; i += 2 * LANES) {
            const lanes u = *(const lanes *)(x + i), v = *(const lanes *)(x + i + LANES);
            a += u * u;
            b += v * v;
        }
        a += b;
        double sum = 0;
        for (int k = 0; k < LANES; k++) sum += a[k];
        for (; i < n; i++) sum += (double)x[i] * x[i];
        total += sum;
    }
    work->partial[thread] = total;
}

double distill_sum_of_squares(int64_t count, const float *in, void *scratch) {
    squares work = {in, scratch};
    const int threads = distill_thread_count();
    for (int t = 0; t < threads; t++) work.partial[t] = 0;
    distill_parallel(count, 16, 16384, squares_part, &work);
    double total = 0;
    for (int t = 0; t < threads; t++) total += work.partial[t];
    return total;
}
