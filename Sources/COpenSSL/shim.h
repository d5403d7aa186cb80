// The part of OpenSSL's interface that Swift cannot import: macros and the typed stacks.
// Nothing here decides anything; every function forwards to the macro of the same name.
#ifndef POSTHORN_COPENSSL_SHIM_H
#define POSTHORN_COPENSSL_SHIM_H

#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ocsp.h>
#include <openssl/opensslv.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "Posthorn needs OpenSSL 3.0 or later"
#endif

// SSL_CTX and SSL

static inline int ph_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int ph_SSL_CTX_set_max_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_max_proto_version(context, version);
}

static inline void ph_SSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

static inline void ph_SSL_CTX_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }

static inline int ph_SSL_CTX_add1_chain_cert(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int ph_SSL_CTX_set_tlsext_status_cb(SSL_CTX *context, int (*callback)(SSL *, void *)) {
    return (int)SSL_CTX_set_tlsext_status_cb(context, callback);
}

static inline int ph_SSL_CTX_set1_groups_list(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_groups_list(context, (char *)list);
}

static inline int ph_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, (char *)name);
}

static inline void ph_SSL_set_tlsext_status_type(SSL *ssl, int type) { SSL_set_tlsext_status_type(ssl, type); }

static inline long ph_SSL_get_tlsext_status_ocsp_resp(SSL *ssl, const unsigned char **response) {
    return SSL_get_tlsext_status_ocsp_resp(ssl, response);
}

// Takes a copy; OpenSSL frees it together with the SSL object.
static inline int ph_SSL_set_tlsext_status_ocsp_resp(SSL *ssl, const void *bytes, size_t count) {
    unsigned char *copy = (unsigned char *)OPENSSL_memdup(bytes, count);
    if (copy == NULL) return 0;
    if (SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)count) != 1) {
        OPENSSL_free(copy);
        return 0;
    }
    return 1;
}

static inline int ph_SSL_get_extms_support(SSL *ssl) { return (int)SSL_get_extms_support(ssl); }

static inline int ph_SSL_set_app_data(SSL *ssl, void *data) { return SSL_set_app_data(ssl, data); }

static inline void *ph_SSL_get_app_data(const SSL *ssl) { return SSL_get_app_data(ssl); }

static inline void ph_SSL_set_msg_callback_arg(SSL *ssl, void *argument) { SSL_set_msg_callback_arg(ssl, argument); }

static inline void ph_SSL_CTX_set_app_data(SSL_CTX *context, void *data) { SSL_CTX_set_app_data(context, data); }

static inline void *ph_SSL_CTX_get_app_data(SSL_CTX *context) { return SSL_CTX_get_app_data(context); }

static inline uint64_t ph_client_and_server_options(void) {
    return SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_SSLv3;
}

static inline uint64_t ph_server_options(void) { return SSL_OP_CIPHER_SERVER_PREFERENCE; }

static inline uint64_t ph_no_ticket_option(void) { return SSL_OP_NO_TICKET; }

// The SSL object that a chain verification belongs to.
static inline SSL *ph_X509_STORE_CTX_get_ssl(X509_STORE_CTX *context) {
    return (SSL *)X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
}

// Errors

static inline int ph_ERR_GET_LIB(unsigned long code) { return ERR_GET_LIB(code); }

static inline int ph_ERR_GET_REASON(unsigned long code) { return ERR_GET_REASON(code); }

static inline int ph_ERR_SYSTEM_ERROR(unsigned long code) { return ERR_SYSTEM_ERROR(code) ? 1 : 0; }

// BIO

static inline void ph_BIO_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }

static inline void ph_BIO_clear_retry_flags(BIO *bio) { BIO_clear_retry_flags(bio); }

static inline long ph_BIO_get_mem_data(BIO *bio, const char **bytes) { return BIO_get_mem_data(bio, (char **)bytes); }

// Stacks

static inline int ph_sk_X509_num(const STACK_OF(X509) *stack) { return stack == NULL ? 0 : sk_X509_num(stack); }

static inline X509 *ph_sk_X509_value(const STACK_OF(X509) *stack, int index) { return sk_X509_value(stack, index); }

static inline void ph_sk_X509_pop_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }

static inline int ph_sk_X509_OBJECT_num(const STACK_OF(X509_OBJECT) *stack) {
    return stack == NULL ? 0 : sk_X509_OBJECT_num(stack);
}

static inline X509_OBJECT *ph_sk_X509_OBJECT_value(const STACK_OF(X509_OBJECT) *stack, int index) {
    return sk_X509_OBJECT_value(stack, index);
}

static inline int ph_sk_GENERAL_NAME_num(const STACK_OF(GENERAL_NAME) *stack) {
    return stack == NULL ? 0 : sk_GENERAL_NAME_num(stack);
}

static inline const GENERAL_NAME *ph_sk_GENERAL_NAME_value(const STACK_OF(GENERAL_NAME) *stack, int index) {
    return sk_GENERAL_NAME_value(stack, index);
}

// Names

// RFC 2253 form, with characters beyond ASCII as they are.
static inline int ph_X509_NAME_print(BIO *bio, const X509_NAME *name) {
    return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

static inline STACK_OF(GENERAL_NAME) *ph_X509_alternative_names(const X509 *certificate) {
    return (STACK_OF(GENERAL_NAME) *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}

static inline void ph_GENERAL_NAMES_free(STACK_OF(GENERAL_NAME) *names) { GENERAL_NAMES_free(names); }

// The octets of a dNSName (kind 2) or iPAddress (kind 7), and which of the two it is; 0 for any other kind.
static inline int ph_GENERAL_NAME_octets(const GENERAL_NAME *name, const unsigned char **bytes, int *count) {
    int kind = 0;
    void *value = GENERAL_NAME_get0_value(name, &kind);
    if (value == NULL || (kind != GEN_DNS && kind != GEN_IPADD)) return 0;
    *bytes = ASN1_STRING_get0_data((const ASN1_STRING *)value);
    *count = ASN1_STRING_length((const ASN1_STRING *)value);
    return kind;
}

// 1: the certificate demands a stapled OCSP answer (RFC 7633, feature 5), or its demand cannot be read; 0: it does not.
static inline int ph_X509_must_staple(const X509 *certificate) {
    int critical = -1;
    TLS_FEATURE *features = (TLS_FEATURE *)X509_get_ext_d2i(certificate, NID_tlsfeature, &critical, NULL);
    int found = 0;
    if (features == NULL) return critical == -1 ? 0 : 1;
    for (int index = 0; index < sk_ASN1_INTEGER_num(features); index++) {
        long feature = ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, index));
        if (feature == TLSEXT_TYPE_status_request || feature == 17) found = 1;
    }
    TLS_FEATURE_free(features);
    return found;
}

// 1: the certificate says where its issuer's certificate can be fetched (authorityInfoAccess, caIssuers).
static inline int ph_X509_names_issuer_location(const X509 *certificate) {
    AUTHORITY_INFO_ACCESS *access =
        (AUTHORITY_INFO_ACCESS *)X509_get_ext_d2i(certificate, NID_info_access, NULL, NULL);
    int found = 0;
    if (access == NULL) return 0;
    for (int index = 0; index < sk_ACCESS_DESCRIPTION_num(access); index++) {
        if (OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(access, index)->method) == NID_ad_ca_issuers) found = 1;
    }
    AUTHORITY_INFO_ACCESS_free(access);
    return found;
}

// One date, broken down in UTC; 0 if it cannot be read.
static inline int ph_ASN1_TIME_parts(const ASN1_TIME *time, int parts[6]) {
    struct tm broken;
    if (time == NULL || ASN1_TIME_to_tm(time, &broken) != 1) return 0;
    parts[0] = broken.tm_year + 1900;
    parts[1] = broken.tm_mon + 1;
    parts[2] = broken.tm_mday;
    parts[3] = broken.tm_hour;
    parts[4] = broken.tm_min;
    parts[5] = broken.tm_sec;
    return 1;
}

#endif
