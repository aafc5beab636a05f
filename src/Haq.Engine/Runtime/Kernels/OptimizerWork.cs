using System.Numerics.Tensors;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// All parameters, cut into blocks: without <see cref="Bits"/> each block's sum of squares of the gradient, which <see cref="Length"/> adds in order; with them, the update.
/// </summary>
internal unsafe struct OptimizerWork : IParallelBody, IVectorKernel
{
    private const int Block = 1 << 12, ManyParts = 16;

    public int Bits;
    public float Shorten;
    private readonly OptimizerUpdate* _updates;
    private readonly double* _squares;
    private readonly int _parameters;
    private readonly long _blocks;
    private int _part;

    /// <param name="updates">What is to be done, and behind it room for a double-precision number for each block.</param>
    /// <param name="parameters">How many there are.</param>
    /// <param name="blocks">The blocks of all of them.</param>
    public OptimizerWork(OptimizerUpdate* updates, int parameters, long blocks)
    {
        _updates = updates;
        _squares = (double*)(updates + parameters);
        (_parameters, _blocks) = (parameters, blocks);
    }

    public readonly int Parts => (int)Math.Clamp(_blocks, 1, ManyParts);

    public static long BlocksOf(long count) => (count + Block - 1) / Block;

    /// <summary>Of the gradient, once all parts are through without <see cref="Bits"/>.</summary>
    public readonly double Length()
    {
        double total = 0;
        double* square = _squares;
        for (int p = 0; p < _parameters; p++)
        {
            double own = 0;
            for (long left = BlocksOf(_updates[p].Count); left > 0; left--) own += *square++;
            total += own;
        }
        return Math.Sqrt(total);
    }

    public void Run(int part)
    {
        var mine = this;
        mine._part = part;
        if (Bits == 0) mine.Square();
        else VectorLoop.Dispatch(ref mine, Bits);
    }

    public readonly void Run<T>() where T : unmanaged, ISimd<T>
    {
        long before = 0;
        for (int p = 0; p < _parameters; p++)
        {
            var (from, to) = Mine(p, ref before);
            if (from >= to) continue;
            var update = _updates[p];
            update.Shorten = Shorten;
            VectorLoop.Run<T, OptimizerUpdate>(ref update, from, to);
        }
    }

    private readonly void Square()
    {
        long before = 0;
        double* square = _squares + First(_part);
        for (int p = 0; p < _parameters; p++)
        {
            var (from, to) = Mine(p, ref before);
            for (; from < to; from += Block) *square++ = TensorPrimitives.SumOfSquares(new ReadOnlySpan<float>(_updates[p].Gradient + from, (int)Math.Min(Block, to - from)));
        }
    }

    private readonly long First(int part) => _blocks * part / Parts;

    // The numbers of a parameter that belong to this part; before, blocks of the parameters before it.
    private readonly (nint From, nint To) Mine(int parameter, ref long before)
    {
        nint count = _updates[parameter].Count;
        var (from, to) = ((nint)Math.Max(0, First(_part) - before) * Block, (nint)Math.Max(0, First(_part + 1) - before) * Block);
        before += BlocksOf(count);
        return (from, Math.Min(count, to));
    }
}
