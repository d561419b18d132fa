/*
 * SHA-256's compression function, as sha256.h describes it. Eight rounds are written out, after which the eight
 * letters are back in their registers; a loop runs them twice on the message itself and six times more, each
 * round with the next word of the schedule.
 *
 * a..h stand in r4-r11, r0 walks through the constants, r1 through the schedule: 64 words on the stack.
 */
        .syntax unified
        .thumb

/*
 * One round with the word of the schedule in r2. \ab becomes a ^ b, and \bc, which is b ^ c, was left by the round
 * before: Maj(a, b, c) = ((a ^ b) & (b ^ c)) ^ b. The three rotations of each sum share one instruction.
 */
.macro ROUND a, b, c, d, e, f, g, h, ab, bc
        ldr     r3, [r0], #4
        add     \h, \h, r2
        add     \h, \h, r3
        eor     r2, \e, \e, ror #5
        eor     r3, \f, \g
        eor     r2, r2, \e, ror #19
        and     r3, r3, \e
        add     \h, \h, r2, ror #6
        eor     r3, r3, \g
        add     \h, \h, r3
        add     \d, \d, \h
        eor     r2, \a, \a, ror #11
        eor     \ab, \a, \b
        eor     r2, r2, \a, ror #20
        and     \bc, \bc, \ab
        add     \h, \h, r2, ror #2
        eor     \bc, \bc, \b
        add     \h, \h, \bc
.endm

/* A round on the message. */
.macro FIRST a, b, c, d, e, f, g, h, ab, bc
        ldr     r2, [r1], #4
        ROUND   \a, \b, \c, \d, \e, \f, \g, \h, \ab, \bc
.endm

/* A round on the schedule's next word, which is made first. */
.macro NEXT a, b, c, d, e, f, g, h, ab, bc
        ldrd    r2, r3, [r1, #-64]
        eor     \ab, r3, r3, ror #11
        lsr     r3, r3, #3
        eor     r3, r3, \ab, ror #7
        add     r2, r2, r3
        ldr     r3, [r1, #-8]
        eor     \ab, r3, r3, ror #2
        lsr     r3, r3, #10
        eor     r3, r3, \ab, ror #17
        add     r2, r2, r3
        ldr     r3, [r1, #-28]
        add     r2, r2, r3
        str     r2, [r1], #4
        ROUND   \a, \b, \c, \d, \e, \f, \g, \h, \ab, \bc
.endm

.macro EIGHT kind
        \kind   r4, r5, r6, r7, r8, r9, r10, r11, r12, lr
        \kind   r11, r4, r5, r6, r7, r8, r9, r10, lr, r12
        \kind   r10, r11, r4, r5, r6, r7, r8, r9, r12, lr
        \kind   r9, r10, r11, r4, r5, r6, r7, r8, lr, r12
        \kind   r8, r9, r10, r11, r4, r5, r6, r7, r12, lr
        \kind   r7, r8, r9, r10, r11, r4, r5, r6, lr, r12
        \kind   r6, r7, r8, r9, r10, r11, r4, r5, r12, lr
        \kind   r5, r6, r7, r8, r9, r10, r11, r4, lr, r12
.endm

        .section .text.lk_sha256_compress, "ax", %progbits
        .balign 4
        .global lk_sha256_compress
        .type   lk_sha256_compress, %function
        .thumb_func
lk_sha256_compress:
        push    {r0, r1, r4-r11, lr}
        ldm     r2!, {r4-r11}
        sub     sp, sp, #256
        mov     r0, sp
        stm     r0!, {r4-r11}
        ldm     r2, {r4-r11}
        stm     r0, {r4-r11}
        ldm     r1, {r4-r11}
        mov     r1, sp
        adr.w   r0, constants
        eor     lr, r5, r6

        EIGHT   FIRST
        EIGHT   FIRST
rounds: EIGHT   NEXT
        add     r2, sp, #256
        cmp     r1, r2
        bne     rounds

        ldr     r1, [sp, #260]          /* the state before */
        ldm     r1!, {r0, r2, r3, r12}
        add     r4, r4, r0
        add     r5, r5, r2
        add     r6, r6, r3
        add     r7, r7, r12
        ldm     r1, {r0, r2, r3, r12}
        add     r8, r8, r0
        add     r9, r9, r2
        add     r10, r10, r3
        add     r11, r11, r12
        add     sp, sp, #256
        pop     {r0, r1}
        stm     r0, {r4-r11}
        pop     {r4-r11, pc}

        .balign 4
constants:
        .word   0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
        .word   0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
        .word   0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
        .word   0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
        .word   0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
        .word   0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
        .word   0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
        .word   0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
        .size   lk_sha256_compress, . - lk_sha256_compress
