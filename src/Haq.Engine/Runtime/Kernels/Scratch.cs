using System.Runtime.InteropServices;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>Aligned working memory of the calling thread, kept from call to call so that a training step allocates nothing.</summary>
internal sealed unsafe class Scratch
{
    // One for the thread that runs a node, to share with its parts; one for every part.
    private static readonly ThreadLocal<Scratch> s_shared = new(() => new Scratch());
    private static readonly ThreadLocal<Scratch> s_own = new(() => new Scratch());
    private float* _memory;
    private long _size;

    ~Scratch() => NativeMemory.AlignedFree(_memory);

    /// <summary>At least so many numbers for one part, 64-byte aligned, of any content; valid until this thread asks again.</summary>
    public static float* Of(long count) => s_own.Value!.Grow(count);

    /// <summary>At least so many numbers for all parts of a node.</summary>
    public static float* Shared(long count) => s_shared.Value!.Grow(count);

    private float* Grow(long count)
    {
        if (_size >= count) return _memory;
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _size = 0;
        _memory = (float*)NativeMemory.AlignedAlloc(checked((nuint)count * sizeof(float)), 64);
        _size = count;
        return _memory;
    }
}
