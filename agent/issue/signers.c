#include "issue/signers.h"

#include <pthread.h>
#include <string.h>

#include "base/log.h"
#include "wire/seal.h"

struct signing {
	struct signers *signers;
	struct signing *next;
	size_t begun; /* guarded by signers->lock, as is left */
	size_t left;
	size_t count;
	int64_t signed_at;
	struct slot *slots[];
};

struct signers {
	const struct key *key;
	pthread_mutex_t lock;
	pthread_cond_t has_work, has_result;
	struct signing *first;
	bool is_ending;
	int thread_count;
	pthread_t threads[16];
};

/* The signature goes into the place that invoice_xml left for it; everything behind it moves up. */
static int splice(struct slot *slot, const struct bytes *signature)
{
	size_t tail = slot->xml.len - slot->seal_at;
	if (!bytes_reserve(&slot->xml, signature->len))
		return FAULT_MEMORY;
	uint8_t *at = slot->xml.data + slot->seal_at;
	memmove(at + signature->len, at, tail + 1);
	memcpy(at, signature->data, signature->len);
	slot->xml.len += signature->len;
	return 0;
}

static int seal_slot(const struct key *key, struct slot *slot, int64_t signed_at, struct fault *fault)
{
	struct seal_input input = {
		.data_id = slot->signature_id + strlen("NBan-"),
		.data_digest = slot->data_digest,
		.signature_id = slot->signature_id,
		.signed_at = signed_at,
		.subject = key->certificate.subject,
		.certificate = key->certificate.der.data,
		.certificate_len = key->certificate.der.len,
	};
	uint8_t digest[1][DIGEST_LEN], sig[1][KEY_SIGNATURE_MAX];
	size_t len = 0;
	if (seal_prepare(&input, digest[0], fault) < 0)
		return FAULT_MEMORY;
	int result = key->ops->sign(key->state, (const uint8_t(*)[32])digest, 1, sig, &len, fault);
	if (result)
		return result;
	CLEANUP(bytes_done) struct bytes signature;
	bytes_init(&signature, 64 << 10);
	if (seal_finish(&input, sig[0], len, &signature, fault) < 0)
		return FAULT_MEMORY;
	return splice(slot, &signature);
}

static void sign_one(const struct key *key, struct slot *slot, int64_t signed_at)
{
	struct fault fault = {0};
	slot->is_signed = seal_slot(key, slot, signed_at, &fault) == 0;
	if (!slot->is_signed)
		log_event(LOG_LEVEL_WARNING, "invoice-unsigned", "reason=\"%s\"",
			fault.code ? fault.text : "the key is not at hand");
}

/* The next slot to sign, or NULL when the pool ends. Called with the lock held. */
static struct slot *next_slot(struct signers *signers, struct signing **ret_signing)
{
	while (!signers->first && !signers->is_ending)
		pthread_cond_wait(&signers->has_work, &signers->lock);
	struct signing *signing = signers->first;
	if (!signing)
		return NULL;
	*ret_signing = signing;
	struct slot *slot = signing->slots[signing->begun++];
	if (signing->begun == signing->count)
		signers->first = signing->next;
	return slot;
}

static void *signer_main(void *context)
{
	struct signers *signers = context;
	struct signing *signing = NULL;
	struct slot *slot;
	pthread_setname_np(pthread_self(), "signer");
	pthread_mutex_lock(&signers->lock);
	while ((slot = next_slot(signers, &signing))) {
		pthread_mutex_unlock(&signers->lock);
		sign_one(signers->key, slot, signing->signed_at);
		pthread_mutex_lock(&signers->lock);
		if (--signing->left == 0)
			pthread_cond_broadcast(&signers->has_result);
	}
	pthread_mutex_unlock(&signers->lock);
	return NULL;
}

struct signers *signers_new(const struct key *key, int threads)
{
	struct signers *signers = calloc(1, sizeof(*signers));
	if (!signers)
		return NULL;
	signers->key = key;
	pthread_mutex_init(&signers->lock, NULL);
	pthread_cond_init(&signers->has_work, NULL);
	pthread_cond_init(&signers->has_result, NULL);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int wanted = !key->ops->is_parallel ? 1 : threads ? threads : (int)cores;
	int most = (int)ARRAY_LEN(signers->threads);
	for (int i = 0; i < wanted && i < most; i++)
		if (!pthread_create(&signers->threads[signers->thread_count], NULL, signer_main, signers))
			signers->thread_count++;
	if (!signers->thread_count) {
		signers_free(signers);
		return NULL;
	}
	return signers;
}

void signers_free(struct signers *signers)
{
	if (!signers)
		return;
	pthread_mutex_lock(&signers->lock);
	signers->is_ending = true;
	pthread_cond_broadcast(&signers->has_work);
	pthread_mutex_unlock(&signers->lock);
	for (int i = 0; i < signers->thread_count; i++)
		pthread_join(signers->threads[i], NULL);
	pthread_cond_destroy(&signers->has_work);
	pthread_cond_destroy(&signers->has_result);
	pthread_mutex_destroy(&signers->lock);
	free(signers);
}

struct signing *signing_start(struct signers *signers, struct slot *const *slots, size_t n, int64_t signed_at)
{
	struct signing *signing = calloc(1, sizeof(*signing) + n * sizeof(signing->slots[0]));
	if (!signing)
		return NULL;
	signing->signers = signers;
	signing->signed_at = signed_at;
	for (size_t i = 0; i < n; i++)
		if (slots[i]->seal_at)
			signing->slots[signing->count++] = slots[i];
	signing->left = signing->count;
	if (!signing->count)
		return signing;
	pthread_mutex_lock(&signers->lock);
	struct signing **end = &signers->first;
	while (*end)
		end = &(*end)->next;
	*end = signing;
	pthread_cond_broadcast(&signers->has_work);
	pthread_mutex_unlock(&signers->lock);
	return signing;
}

void signing_wait(struct signing *signing)
{
	if (!signing)
		return;
	struct signers *signers = signing->signers;
	pthread_mutex_lock(&signers->lock);
	while (signing->left)
		pthread_cond_wait(&signers->has_result, &signers->lock);
	pthread_mutex_unlock(&signers->lock);
	free(signing);
}
