// The calls whose form changed between oneDNN 2 and 3, under one form.
#ifndef DISTILLD_COMPATIBILITY_H
#define DISTILLD_COMPATIBILITY_H
#include <oneapi/dnnl/dnnl.h>

#include "COneDNN.h"

/// What both backward passes and the forward pass describe.
typedef struct {
    dnnl_prop_kind_t propagation;
    const distill_layout *image, *weights, *bias, *result;
    dnnl_dims_t stride, dilation, pad_before, pad_after;
} convolution_description;

struct distill_layout {
    // A structure in version 2, a pointer to one in version 3.
    dnnl_memory_desc_t descriptor;
};

dnnl_status_t layout_with_tag(distill_layout *layout, int rank, const dnnl_dims_t extents,
                              dnnl_data_type_t element, dnnl_format_tag_t tag);
dnnl_status_t layout_with_strides(distill_layout *layout, int rank, const dnnl_dims_t extents,
                                  dnnl_data_type_t element, const dnnl_dims_t strides);
dnnl_status_t layout_of_query(distill_layout *layout, const_dnnl_primitive_desc_t primitive,
                              dnnl_query_t query);
dnnl_status_t layout_clone(distill_layout *to, const distill_layout *from);
void layout_clear(distill_layout *layout);
dnnl_status_t memory_of(dnnl_memory_t *memory, const distill_layout *layout, dnnl_engine_t engine);

dnnl_status_t append_sum(dnnl_post_ops_t operations);
/// Adds `scale` times what the result holds, whose elements may differ in sign from the result's.
dnnl_status_t append_scaled_sum(dnnl_post_ops_t operations, float scale, dnnl_data_type_t element);
dnnl_status_t append_rectifier(dnnl_post_ops_t operations);

/// Multiplies each output channel of a convolution by its scale, before anything else is done to it.
///
/// Version 2 keeps the scales with the primitive, version 3 is given them when it runs: `SCALES_ARE_ARGUMENTS`.
/// Version 2 adds the bias before it scales: `BIAS_IS_SCALED`.
dnnl_status_t set_channel_scales(dnnl_primitive_attr_t attributes, int64_t count, int grouped,
                                 const float *scales);
#if DNNL_VERSION_MAJOR >= 3
#define SCALES_ARE_ARGUMENTS 1
#define BIAS_IS_SCALED 0
#define ARGUMENT_SCALES (DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS)
#else
#define SCALES_ARE_ARGUMENTS 0
#define BIAS_IS_SCALED 1
#define ARGUMENT_SCALES 0
#endif

/// `forward` is the hint that backward passes need, else null.
dnnl_status_t describe_convolution(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                                   const convolution_description *description,
                                   const_dnnl_primitive_attr_t attributes,
                                   const_dnnl_primitive_desc_t forward);
/// Replaces a description by the next implementation of the same; fails after the last.
dnnl_status_t describe_next(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                            const convolution_description *description,
                            const_dnnl_primitive_attr_t attributes,
                            const_dnnl_primitive_desc_t forward, int place);
dnnl_status_t describe_reorder(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                               const distill_layout *from, const distill_layout *to,
                               const_dnnl_primitive_attr_t attributes);
#endif
