#ifndef DISTILLD_CCRYPTO_H
#define DISTILLD_CCRYPTO_H
#include <openssl/evp.h>
#endif
