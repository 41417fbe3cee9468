#include "compatibility.h"

#include <string.h>

#define EPSILON 1e-5f

static int is_backward(const description *d) {
    return d->propagation != dnnl_forward_training && d->propagation != dnnl_forward_inference;
}

void limit_candidates_end(candidates *c) {
    if (c->current) dnnl_primitive_desc_destroy(c->current);
    c->current = NULL;
#if DNNL_VERSION_MAJOR < 3
    if (c->iterator) dnnl_primitive_desc_iterator_destroy(c->iterator);
    c->iterator = NULL;
#endif
}

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t limit_layout_make(layout *l, int rank, const dnnl_dims_t extents, dnnl_data_type_t element,
                          dnnl_format_tag_t tag) {
    return dnnl_memory_desc_create_with_tag(&l->descriptor, rank, extents, element, tag);
}

void limit_layout_clear(layout *l) {
    if (l->descriptor) dnnl_memory_desc_destroy(l->descriptor);
    l->descriptor = NULL;
}

dnnl_data_type_t limit_element_of(const_dnnl_memory_desc_t descriptor) {
    dnnl_data_type_t element = dnnl_data_type_undef;
    dnnl_memory_desc_query(descriptor, dnnl_query_data_type, &element);
    return element;
}

dnnl_status_t limit_append_sum(dnnl_post_ops_t operations) {
    return dnnl_post_ops_append_sum(operations, 1.0f, 0, dnnl_data_type_undef);
}

dnnl_status_t limit_append_rectifier(dnnl_post_ops_t operations) {
    return dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_relu, 0.0f, 0.0f);
}

static dnnl_status_t begin_convolution(dnnl_primitive_desc_t *p, dnnl_engine_t engine,
                                       const description *d,
                                       const_dnnl_primitive_attr_t attributes,
                                       const_dnnl_primitive_desc_t forward) {
    const_dnnl_memory_desc_t x = d->source.descriptor, w = d->weights.descriptor;
    const_dnnl_memory_desc_t b = d->has_bias ? d->bias.descriptor : NULL, y = d->result.descriptor;
    switch (d->propagation) {
    case dnnl_backward_data:
        return dnnl_convolution_backward_data_primitive_desc_create(
            p, engine, d->algorithm, x, w, y, d->stride, d->dilation, d->pad_before, d->pad_after,
            forward, attributes);
    case dnnl_backward_weights:
        return dnnl_convolution_backward_weights_primitive_desc_create(
            p, engine, d->algorithm, x, w, b, y, d->stride, d->dilation, d->pad_before,
            d->pad_after, forward, attributes);
    default:
        return dnnl_convolution_forward_primitive_desc_create(
            p, engine, d->propagation, d->algorithm, x, w, b, y, d->stride, d->dilation,
            d->pad_before, d->pad_after, attributes);
    }
}

dnnl_status_t limit_candidates_begin(candidates *c, dnnl_engine_t engine, const description *d,
                               const_dnnl_primitive_attr_t attributes,
                               const_dnnl_primitive_desc_t forward) {
    const_dnnl_memory_desc_t x = d->source.descriptor, y = d->result.descriptor;
    dnnl_primitive_desc_t *p = &c->current;
    c->current = NULL;
    switch (d->family) {
    case CONVOLUTION: return begin_convolution(p, engine, d, attributes, forward);
    case NORMALIZATION:
        if (is_backward(d))
            return dnnl_batch_normalization_backward_primitive_desc_create(
                p, engine, d->propagation, x, x, x, EPSILON, d->flags, forward, attributes);
        return dnnl_batch_normalization_forward_primitive_desc_create(
            p, engine, d->propagation, x, x, EPSILON, d->flags, attributes);
    case POOL:
        if (is_backward(d))
            return dnnl_pooling_backward_primitive_desc_create(
                p, engine, d->algorithm, x, y, d->stride, d->kernel, d->dilation, d->pad_before,
                d->pad_after, forward, attributes);
        return dnnl_pooling_forward_primitive_desc_create(
            p, engine, d->propagation, d->algorithm, x, y, d->stride, d->kernel, d->dilation,
            d->pad_before, d->pad_after, attributes);
    default:
        return dnnl_matmul_primitive_desc_create(p, engine, x, d->weights.descriptor, NULL, y,
                                                 attributes);
    }
}

dnnl_status_t limit_candidates_next(candidates *c) { return dnnl_primitive_desc_next_impl(c->current); }

#else

dnnl_status_t limit_layout_make(layout *l, int rank, const dnnl_dims_t extents, dnnl_data_type_t element,
                          dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(&l->descriptor, rank, extents, element, tag);
}

void limit_layout_clear(layout *l) { memset(&l->descriptor, 0, sizeof l->descriptor); }

dnnl_data_type_t limit_element_of(const_dnnl_memory_desc_t descriptor) { return descriptor->data_type; }

dnnl_status_t limit_append_sum(dnnl_post_ops_t operations) {
    return dnnl_post_ops_append_sum(operations, 1.0f);
}

dnnl_status_t limit_append_rectifier(dnnl_post_ops_t operations) {
    return dnnl_post_ops_append_eltwise(operations, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f);
}

static dnnl_status_t describe_convolution(dnnl_convolution_desc_t *o, const description *d) {
    const dnnl_memory_desc_t *x = DESCRIPTOR(&d->source), *w = DESCRIPTOR(&d->weights);
    const dnnl_memory_desc_t *b = d->has_bias ? DESCRIPTOR(&d->bias) : NULL;
    const dnnl_memory_desc_t *y = DESCRIPTOR(&d->result);
    switch (d->propagation) {
    case dnnl_backward_data:
        return dnnl_dilated_convolution_backward_data_desc_init(
            o, d->algorithm, x, w, y, d->stride, d->dilation, d->pad_before, d->pad_after);
    case dnnl_backward_weights:
        return dnnl_dilated_convolution_backward_weights_desc_init(
            o, d->algorithm, x, w, b, y, d->stride, d->dilation, d->pad_before, d->pad_after);
    default:
        return dnnl_dilated_convolution_forward_desc_init(
            o, d->propagation, d->algorithm, x, w, b, y, d->stride, d->dilation, d->pad_before,
            d->pad_after);
    }
}

static dnnl_status_t describe(operation *o, const description *d) {
    const dnnl_memory_desc_t *x = DESCRIPTOR(&d->source), *y = DESCRIPTOR(&d->result);
    switch (d->family) {
    case CONVOLUTION: return describe_convolution(&o->convolution, d);
    case NORMALIZATION:
        if (is_backward(d))
            return dnnl_batch_normalization_backward_desc_init(&o->normalization, d->propagation, x,
                                                               x, EPSILON, d->flags);
        return dnnl_batch_normalization_forward_desc_init(&o->normalization, d->propagation, x,
                                                          EPSILON, d->flags);
    case POOL:
        if (is_backward(d))
            return dnnl_pooling_backward_desc_init(&o->pool, d->algorithm, x, y, d->stride,
                                                   d->kernel, d->pad_before, d->pad_after);
        return dnnl_pooling_forward_desc_init(&o->pool, d->propagation, d->algorithm, x, y,
                                              d->stride, d->kernel, d->pad_before, d->pad_after);
    default: return dnnl_matmul_desc_init(&o->product, x, DESCRIPTOR(&d->weights), NULL, y);
    }
}

static dnnl_status_t fetch(candidates *c) {
    c->current = dnnl_primitive_desc_iterator_fetch(c->iterator);
    return c->current ? dnnl_success : dnnl_out_of_memory;
}

dnnl_status_t limit_candidates_begin(candidates *c, dnnl_engine_t engine, const description *d,
                               const_dnnl_primitive_attr_t attributes,
                               const_dnnl_primitive_desc_t forward) {
    memset(c, 0, sizeof *c);
    dnnl_status_t status = describe(&c->operation, d);
    if (status != dnnl_success) return status;
    status = dnnl_primitive_desc_iterator_create(&c->iterator, &c->operation, attributes, engine,
                                                 forward);
    return status != dnnl_success ? status : fetch(c);
}

dnnl_status_t limit_candidates_next(candidates *c) {
    dnnl_primitive_desc_destroy(c->current);
    c->current = NULL;
    const dnnl_status_t status = dnnl_primitive_desc_iterator_next(c->iterator);
    return status != dnnl_success ? status : fetch(c);
}

#endif
