/* Stands in for NVIDIA's libnvidia-ml.so.1: the functions that are asked for, with the documented signatures and return codes.
   GPU 0 tells everything, GPU 1 is of unified memory and tells little, GPU 2 is lost after its handle was given. */
#include <stdlib.h>
#include <string.h>

typedef struct gpu { int index; } *device_t;
typedef struct { unsigned int gpu, memory; } utilization_t;
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned int pid; unsigned long long usedGpuMemory; unsigned int gpuInstanceId, computeInstanceId; } process_t;

static struct gpu gpus[] = {{0}, {1}, {2}};
enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, INSUFFICIENT_SIZE = 7, GPU_IS_LOST = 15 };

static int number(device_t d, unsigned int *out, unsigned int value)
{
    if (d->index == 2) return GPU_IS_LOST;
    if (d->index == 1) return NOT_SUPPORTED;
    *out = value;
    return SUCCESS;
}

int nvmlInit_v2(void) { const char *code = getenv("FAKE_NVML_INIT"); return code ? atoi(code) : SUCCESS; }
int nvmlShutdown(void) { return SUCCESS; }
int nvmlSystemGetDriverVersion(char *out, unsigned int length) { strncpy(out, "550.54.15", length); return SUCCESS; }
int nvmlDeviceGetCount_v2(unsigned int *out) { *out = 3; return SUCCESS; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int i, device_t *out) { if (i > 2) return INVALID_ARGUMENT; *out = &gpus[i]; return SUCCESS; }
int nvmlDeviceGetName(device_t d, char *out, unsigned int length) { strncpy(out, d->index ? "NVIDIA GB10" : "NVIDIA A100-SXM4-80GB", length); return SUCCESS; }
int nvmlDeviceGetUUID(device_t d, char *out, unsigned int length) { strncpy(out, d->index ? "GPU-1" : "GPU-0", length); return SUCCESS; }
int nvmlDeviceGetUtilizationRates(device_t d, utilization_t *out)
{
    if (d->index == 2) return GPU_IS_LOST;
    out->gpu = d->index ? 7 : 93;
    out->memory = d->index ? 0 : 41;
    return SUCCESS;
}
int nvmlDeviceGetMemoryInfo(device_t d, memory_t *out)
{
    if (d->index) return NOT_SUPPORTED;
    out->total = 85899345920ULL; out->used = 21474836480ULL; out->free = out->total - out->used;
    return SUCCESS;
}
int nvmlDeviceGetPowerUsage(device_t d, unsigned int *out) { return number(d, out, 287500); }
int nvmlDeviceGetEnforcedPowerLimit(device_t d, unsigned int *out) { return number(d, out, 400000); }
int nvmlDeviceGetTemperature(device_t d, int sensor, unsigned int *out) { return sensor == 0 ? number(d, out, 71) : INVALID_ARGUMENT; }
int nvmlDeviceGetTemperatureThreshold(device_t d, int kind, unsigned int *out) { return number(d, out, kind == 1 ? 89 : 92); }
int nvmlDeviceGetClockInfo(device_t d, int kind, unsigned int *out) { return number(d, out, kind == 1 ? 1395 : kind == 2 ? 1593 : 1); }
int nvmlDeviceGetMaxClockInfo(device_t d, int kind, unsigned int *out) { return number(d, out, kind == 1 ? 1410 : 1); }
int nvmlDeviceGetTotalEnergyConsumption(device_t d, unsigned long long *out) { if (d->index) return NOT_SUPPORTED; *out = 123456789012ULL; return SUCCESS; }
int nvmlDeviceGetCurrentClocksThrottleReasons(device_t d, unsigned long long *out) { if (d->index) return NOT_SUPPORTED; *out = 0x1 | 0x4 | 0x40; return SUCCESS; }
int nvmlDeviceGetComputeRunningProcesses_v3(device_t d, unsigned int *count, process_t *out)
{
    if (d->index) return NOT_SUPPORTED;
    if (*count < 2) return INSUFFICIENT_SIZE;
    *count = 2;
    out[0].pid = 4242; out[0].usedGpuMemory = 1048576000ULL; out[0].gpuInstanceId = out[0].computeInstanceId = 0xFFFFFFFFU;
    out[1].pid = 4343; out[1].usedGpuMemory = ~0ULL; out[1].gpuInstanceId = out[1].computeInstanceId = 0xFFFFFFFFU;
    return SUCCESS;
}
