using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Haq.Engine.Runtime;

/// <summary>A part of a kernel's work that may run on any thread.</summary>
internal interface IParallelBody
{
    void Run(int part);
}

/// <summary>A node's inputs, outputs and threads during one run.</summary>
internal readonly unsafe ref struct KernelContext(void* context)
{
    private readonly void* _context = context;

    private static OrtFunctions Api => OrtFunctions.Instance;

    /// <summary>Number of inputs, those left out included.</summary>
    public int InputCount
    {
        get
        {
            nuint count;
            Api.Check(Api.InputCount(_context, &count));
            return (int)count;
        }
    }

    /// <summary>An input's elements; null where it is left out.</summary>
    public float* Input(int index) => (float*)Raw(index);

    /// <summary>An input's elements as 64-bit integers.</summary>
    public long* Integers(int index) => (long*)Raw(index);

    /// <summary>An input's elements as 16-bit integers.</summary>
    public short* Shorts(int index) => (short*)Raw(index);

    /// <summary>Writes an input's extents and returns how many there are.</summary>
    public int Shape(int index, Span<long> extents)
    {
        void* value, info;
        Api.Check(Api.Input(_context, (nuint)index, &value));
        Api.Check(Api.TypeAndShape(value, &info));
        try
        {
            nuint rank;
            Api.Check(Api.DimensionCount(info, &rank));
            if ((int)rank > extents.Length) throw new InvalidOperationException($"input {index} has {rank} dimensions, at most {extents.Length} are supported");
            fixed (long* to = extents) Api.Check(Api.Dimensions(info, to, rank));
            return (int)rank;
        }
        finally
        {
            Api.ReleaseTypeAndShape(info);
        }
    }

    /// <summary>An input's number of elements.</summary>
    public long Count(int index)
    {
        Span<long> extents = stackalloc long[16];
        return Product(extents[..Shape(index, extents)]);
    }

    /// <summary>An output's memory.</summary>
    public float* Output(int index, ReadOnlySpan<long> shape)
    {
        void* value, data;
        fixed (long* extents = shape) Api.Check(Api.Output(_context, (nuint)index, extents, (nuint)shape.Length, &value));
        Api.Check(Api.Data(value, &data));
        return (float*)data;
    }

    public static long Product(ReadOnlySpan<long> extents)
    {
        long product = 1;
        foreach (long extent in extents) product *= extent;
        return product;
    }

    /// <summary>
    /// Runs all parts on ONNX Runtime's threads and waits. How work is cut into parts must follow from shapes alone: then the result is the same for
    /// any number of threads.
    /// </summary>
    public void Parallel<T>(int parts, ref T body) where T : unmanaged, IParallelBody
    {
        if (parts == 1)
        {
            body.Run(0);
            return;
        }
        fixed (T* pinned = &body)
        {
            var work = new Work { Run = &RunPart<T>, Body = pinned };
            Api.Check(Api.ParallelFor(_context, &Part, (nuint)parts, 0, &work));
            if (work.Failure == 0) return;
            var handle = GCHandle.FromIntPtr(work.Failure);
            var failure = (Exception)handle.Target!;
            handle.Free();
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static void RunPart<T>(void* body, int part) where T : unmanaged, IParallelBody => Unsafe.AsRef<T>(body).Run(part);

    private struct Work
    {
        public delegate*<void*, int, void> Run;
        public void* Body;
        public nint Failure;
    }

    [UnmanagedCallersOnly]
    private static void Part(void* user, nuint part)
    {
        var work = (Work*)user;
        try
        {
            work->Run(work->Body, (int)part);
        }
        catch (Exception e)
        {
            // Nothing may unwind into native code: the first failure is kept and thrown again by the thread that waits.
            var handle = GCHandle.Alloc(e);
            if (Interlocked.CompareExchange(ref work->Failure, GCHandle.ToIntPtr(handle), 0) != 0) handle.Free();
        }
    }

    private void* Raw(int index)
    {
        void* value, data;
        Api.Check(Api.Input(_context, (nuint)index, &value));
        if (value == null) return null;
        Api.Check(Api.Data(value, &data));
        return data;
    }
}
