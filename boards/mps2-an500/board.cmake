set(LATCHKEY_CPU_FLAGS "-mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard")
set(LATCHKEY_QEMU qemu-system-arm -M mps2-an500)
