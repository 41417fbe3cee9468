#ifndef DISTILLD_ENGINE_H
#define DISTILLD_ENGINE_H
#include "compatibility.h"

struct distill_engine {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
};

/// Leaves the function by its `failed` label with the status unless the call succeeds.
#define TRY(call)                                                                                   \
    do {                                                                                            \
        status = (call);                                                                            \
        if (status != dnnl_success) goto failed;                                                    \
    } while (0)

#define MAXIMUM_ARGUMENTS 6

/// A primitive with its memory objects, bound to addresses when it runs.
typedef struct {
    distill_engine *engine;
    dnnl_primitive_t primitive;
    int count;
    dnnl_exec_arg_t arguments[MAXIMUM_ARGUMENTS];
    void *addresses[MAXIMUM_ARGUMENTS];
} bound_primitive;

dnnl_status_t bound_add(bound_primitive *bound, int argument, const distill_layout *layout);
dnnl_status_t bound_run(bound_primitive *bound, void *const *addresses);
void bound_clear(bound_primitive *bound);

/// Describes a convolution by the first implementation that convolves directly, or by the first one at all.
dnnl_status_t describe_directly(dnnl_primitive_desc_t *primitive, distill_engine *engine,
                                const convolution_description *description,
                                const_dnnl_primitive_attr_t attributes,
                                const_dnnl_primitive_desc_t forward);

/// Attributes under which scratch memory is the caller's.
dnnl_status_t caller_scratch(dnnl_primitive_attr_t *attributes);
#endif
