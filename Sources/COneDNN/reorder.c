#include <stdlib.h>

#include "engine.h"

struct distill_reorder {
    bound_primitive bound;
    distill_layout scratch;
};

distill_status distill_reorder_create(distill_reorder **result, distill_engine *engine,
                                      const distill_layout *from, const distill_layout *to) {
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_primitive_desc_t description = NULL;
    dnnl_status_t status;
    distill_reorder *r = calloc(1, sizeof *r);
    if (r == NULL) return dnnl_out_of_memory;
    r->bound.engine = engine;
    TRY(caller_scratch(&attributes));
    TRY(describe_reorder(&description, engine->engine, from, to, attributes));
    TRY(layout_of_query(&r->scratch, description, dnnl_query_scratchpad_md));
    TRY(dnnl_primitive_create(&r->bound.primitive, description));
    TRY(bound_add(&r->bound, DNNL_ARG_FROM, from));
    TRY(bound_add(&r->bound, DNNL_ARG_TO, to));
    TRY(bound_add(&r->bound, DNNL_ARG_SCRATCHPAD, &r->scratch));
    *result = r;
    r = NULL;
failed:
    if (description) dnnl_primitive_desc_destroy(description);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    distill_reorder_destroy(r);
    return status;
}

void distill_reorder_destroy(distill_reorder *r) {
    if (r == NULL) return;
    bound_clear(&r->bound);
    layout_clear(&r->scratch);
    free(r);
}

size_t distill_reorder_scratch(const distill_reorder *r) { return distill_layout_size(&r->scratch); }

distill_status distill_reorder_run(distill_reorder *r, const void *from, void *to, void *scratch) {
    void *addresses[MAXIMUM_ARGUMENTS] = {(void *)from, to, scratch};
    return bound_run(&r->bound, addresses);
}
