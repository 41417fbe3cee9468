#include "compatibility.h"

#include <string.h>

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t layout_with_tag(distill_layout *layout, int rank, const dnnl_dims_t extents,
                              dnnl_data_type_t element, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_create_with_tag(&layout->descriptor, rank, extents, element, tag);
}

dnnl_status_t layout_with_strides(distill_layout *layout, int rank, const dnnl_dims_t extents,
                                  dnnl_data_type_t element, const dnnl_dims_t strides) {
    return dnnl_memory_desc_create_with_strides(&layout->descriptor, rank, extents, element,
                                                strides);
}

dnnl_status_t layout_of_query(distill_layout *layout, const_dnnl_primitive_desc_t primitive,
                              dnnl_query_t query) {
    const_dnnl_memory_desc_t found = dnnl_primitive_desc_query_md(primitive, query, 0);
    return dnnl_memory_desc_clone(&layout->descriptor, found);
}

dnnl_status_t layout_clone(distill_layout *to, const distill_layout *from) {
    return dnnl_memory_desc_clone(&to->descriptor, from->descriptor);
}

void layout_clear(distill_layout *layout) {
    if (layout->descriptor) dnnl_memory_desc_destroy(layout->descriptor);
    layout->descriptor = NULL;
}

dnnl_status_t memory_of(dnnl_memory_t *memory, const distill_layout *layout, dnnl_engine_t engine) {
    return dnnl_memory_create(memory, layout->descriptor, engine, DNNL_MEMORY_NONE);
}

int distill_layout_equal(const distill_layout *a, const distill_layout *b) {
    return dnnl_memory_desc_equal(a->descriptor, b->descriptor);
}

size_t distill_layout_size(const distill_layout *layout) {
    return dnnl_memory_desc_get_size(layout->descriptor);
}

dnnl_status_t append_sum(dnnl_post_ops_t operations) {
    return dnnl_post_ops_append_sum(operations, 1.0f, 0, dnnl_data_type_undef);
}

dnnl_status_t append_scaled_sum(dnnl_post_ops_t operations, float scale, dnnl_data_type_t element) {
    return dnnl_post_ops_append_sum(operations, scale, 0, element);
}

dnnl_status_t set_channel_scales(dnnl_primitive_attr_t attributes, int64_t count, int grouped,
                                 const float *scales) {
    (void)count, (void)scales;
    return dnnl_primitive_attr_set_scales_mask(attributes, DNNL_ARG_WEIGHTS, grouped ? 3 : 1);
}

dnnl_status_t append_rectifier(dnnl_post_ops_t operations) {
    return dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_relu, 0.0f, 0.0f);
}

dnnl_status_t describe_convolution(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                                   const convolution_description *d,
                                   const_dnnl_primitive_attr_t attributes,
                                   const_dnnl_primitive_desc_t forward) {
    const_dnnl_memory_desc_t bias = d->bias ? d->bias->descriptor : NULL;
    switch (d->propagation) {
    case dnnl_backward_data:
        return dnnl_convolution_backward_data_primitive_desc_create(
            primitive, engine, dnnl_convolution_direct, d->image->descriptor,
            d->weights->descriptor, d->result->descriptor, d->stride, d->dilation, d->pad_before,
            d->pad_after, forward, attributes);
    case dnnl_backward_weights:
        return dnnl_convolution_backward_weights_primitive_desc_create(
            primitive, engine, dnnl_convolution_direct, d->image->descriptor,
            d->weights->descriptor, bias, d->result->descriptor, d->stride, d->dilation,
            d->pad_before, d->pad_after, forward, attributes);
    default:
        return dnnl_convolution_forward_primitive_desc_create(
            primitive, engine, d->propagation, dnnl_convolution_direct, d->image->descriptor,
            d->weights->descriptor, bias, d->result->descriptor, d->stride, d->dilation,
            d->pad_before, d->pad_after, attributes);
    }
}

dnnl_status_t describe_next(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                            const convolution_description *d,
                            const_dnnl_primitive_attr_t attributes,
                            const_dnnl_primitive_desc_t forward, int place) {
    (void)engine, (void)d, (void)attributes, (void)forward, (void)place;
    return dnnl_primitive_desc_next_impl(*primitive);
}

dnnl_status_t describe_reorder(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                               const distill_layout *from, const distill_layout *to,
                               const_dnnl_primitive_attr_t attributes) {
    return dnnl_reorder_primitive_desc_create(primitive, from->descriptor, engine, to->descriptor,
                                              engine, attributes);
}

#else

dnnl_status_t layout_with_tag(distill_layout *layout, int rank, const dnnl_dims_t extents,
                              dnnl_data_type_t element, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(&layout->descriptor, rank, extents, element, tag);
}

dnnl_status_t layout_with_strides(distill_layout *layout, int rank, const dnnl_dims_t extents,
                                  dnnl_data_type_t element, const dnnl_dims_t strides) {
    return dnnl_memory_desc_init_by_strides(&layout->descriptor, rank, extents, element, strides);
}

dnnl_status_t layout_of_query(distill_layout *layout, const_dnnl_primitive_desc_t primitive,
                              dnnl_query_t query) {
    const dnnl_memory_desc_t *found = dnnl_primitive_desc_query_md(primitive, query, 0);
    if (found == NULL) return dnnl_invalid_arguments;
    layout->descriptor = *found;
    return dnnl_success;
}

dnnl_status_t layout_clone(distill_layout *to, const distill_layout *from) {
    to->descriptor = from->descriptor;
    return dnnl_success;
}

void layout_clear(distill_layout *layout) {
    memset(&layout->descriptor, 0, sizeof layout->descriptor);
}

dnnl_status_t memory_of(dnnl_memory_t *memory, const distill_layout *layout, dnnl_engine_t engine) {
    return dnnl_memory_create(memory, &layout->descriptor, engine, DNNL_MEMORY_NONE);
}

int distill_layout_equal(const distill_layout *a, const distill_layout *b) {
    return dnnl_memory_desc_equal(&a->descriptor, &b->descriptor);
}

size_t distill_layout_size(const distill_layout *layout) {
    return dnnl_memory_desc_get_size(&layout->descriptor);
}

dnnl_status_t append_sum(dnnl_post_ops_t operations) {
    return dnnl_post_ops_append_sum(operations, 1.0f);
}

dnnl_status_t append_scaled_sum(dnnl_post_ops_t operations, float scale, dnnl_data_type_t element) {
    return dnnl_post_ops_append_sum_v2(operations, scale, element);
}

dnnl_status_t set_channel_scales(dnnl_primitive_attr_t attributes, int64_t count, int grouped,
                                 const float *scales) {
    // One for each index of the result's second axis, the channels, whether grouped or not.
    (void)grouped;
    return dnnl_primitive_attr_set_output_scales(attributes, count, 1 << 1, scales);
}

dnnl_status_t append_rectifier(dnnl_post_ops_t operations) {
    return dnnl_post_ops_append_eltwise(operations, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f);
}

static dnnl_status_t convolution_of(dnnl_convolution_desc_t *convolution,
                                    const convolution_description *d) {
    const dnnl_memory_desc_t *bias = d->bias ? &d->bias->descriptor : NULL;
    switch (d->propagation) {
    case dnnl_backward_data:
        return dnnl_dilated_convolution_backward_data_desc_init(
            convolution, dnnl_convolution_direct, &d->image->descriptor, &d->weights->descriptor,
            &d->result->descriptor, d->stride, d->dilation, d->pad_before, d->pad_after);
    case dnnl_backward_weights:
        return dnnl_dilated_convolution_backward_weights_desc_init(
            convolution, dnnl_convolution_direct, &d->image->descriptor, &d->weights->descriptor,
            bias, &d->result->descriptor, d->stride, d->dilation, d->pad_before, d->pad_after);
    default:
        return dnnl_dilated_convolution_forward_desc_init(
            convolution, d->propagation, dnnl_convolution_direct, &d->image->descriptor,
            &d->weights->descriptor, bias, &d->result->descriptor, d->stride, d->dilation,
            d->pad_before, d->pad_after);
    }
}

dnnl_status_t describe_convolution(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                                   const convolution_description *d,
                                   const_dnnl_primitive_attr_t attributes,
                                   const_dnnl_primitive_desc_t forward) {
    dnnl_convolution_desc_t convolution;
    const dnnl_status_t status = convolution_of(&convolution, d);
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(primitive, &convolution, attributes, engine, forward);
}

dnnl_status_t describe_next(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                            const convolution_description *d,
                            const_dnnl_primitive_attr_t attributes,
                            const_dnnl_primitive_desc_t forward, int place) {
    dnnl_convolution_desc_t convolution;
    dnnl_primitive_desc_iterator_t iterator = NULL;
    dnnl_status_t status = convolution_of(&convolution, d);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_iterator_create(&iterator, &convolution, attributes, engine, forward);
    for (int k = 0; k < place && status == dnnl_success; k++)
        status = dnnl_primitive_desc_iterator_next(iterator);
    if (status == dnnl_success) {
        dnnl_primitive_desc_destroy(*primitive);
        *primitive = dnnl_primitive_desc_iterator_fetch(iterator);
        if (*primitive == NULL) status = dnnl_out_of_memory;
    }
    if (iterator) dnnl_primitive_desc_iterator_destroy(iterator);
    return status;
}

dnnl_status_t describe_reorder(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                               const distill_layout *from, const distill_layout *to,
                               const_dnnl_primitive_attr_t attributes) {
    return dnnl_reorder_primitive_desc_create(primitive, &from->descriptor, engine, &to->descriptor,
                                              engine, attributes);
}

#endif
