using System.Runtime.Intrinsics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// A dense convolution's weights [M,C,kh,kw] in the order that <see cref="DenseTiles"/> reads them: [phase][block of written channels][tap][channel of the block].
/// Forward there is one phase, and a tap is an input channel and a place of the window; backward a phase has the places that read it, for each output channel.
/// </summary>
internal unsafe struct DenseWeights : IParallelBody
{
    private const int Together = 4;

    private readonly bool _backward;
    private readonly WindowGeometry _geometry;
    private readonly int _channels, _outputs, _high;
    private readonly float* _weights, _bias;

    public DenseWeights(bool backward, in WindowGeometry geometry, int channels, int outputs, int bits, float* weights, float* bias)
    {
        (_backward, _geometry, _channels, _outputs, _high) = (backward, geometry, channels, outputs, DenseTiles.High(bits));
        _weights = weights;
        _bias = bias;
        Written = backward ? channels : outputs;
        Blocks = (Written + _high - 1) / _high;
        Size = (long)Blocks * _high * (backward ? outputs : channels) * geometry.Positions;
        Packed = Scratch.Shared(Size + Blocks * _high);
        Start = Packed + Size;
        Parts = (int)Math.Clamp(Size >> 14, 1, Math.Min(Blocks, 16));
    }

    /// <summary>Channels of the result.</summary>
    public int Written { get; }

    /// <summary>Blocks of channels; the last channel stands in for those that the last block lacks.</summary>
    public int Blocks { get; }

    /// <summary>Number of weights, those of stand-ins included.</summary>
    public long Size { get; }

    public int Parts { get; }

    /// <summary>The weights in order.</summary>
    public float* Packed { get; }

    /// <summary>What each channel's sums start with: its bias, or zero.</summary>
    public float* Start { get; }

    /// <summary>A block's weights in a phase.</summary>
    public readonly float* Of(int block, int taps, long before) => Packed + before + (long)block * taps * _high;

    /// <summary>Places of the window that belong to a phase; all of them forward.</summary>
    public readonly int PositionsIn(int phase)
    {
        if (!_backward) return _geometry.Positions;
        int count = 0;
        for (int k = 0; k < _geometry.Positions; k++)
            if (_geometry.PositionOf(k).Phase == phase) count++;
        return count;
    }

    public readonly void Run(int part)
    {
        int first = Blocks * part / Parts, last = Blocks * (part + 1) / Parts;
        for (int block = first; block < last; block++)
        {
            for (int i = 0; i < _high; i++) Start[block * _high + i] = _bias == null ? 0 : _bias[block * _high + Math.Min(i, Lanes(block) - 1)];
            if (!_backward) Interleave(_weights + (long)block * _high * _channels * _geometry.Positions, _channels * _geometry.Positions, Lanes(block), Of(block, _channels * _geometry.Positions, 0));
        }
        // A few blocks at a time: together they use up the cache lines that they read.
        for (int block = first; _backward && block < last; block += Together)
        {
            if (_geometry.Phases == 1) Turn(block, Math.Min(last, block + Together));
            else Split(block, Math.Min(last, block + Together));
        }
    }

    private readonly int Lanes(int block) => Math.Min(_high, Written - block * _high);

    private readonly void Turn(int first, int last)
    {
        int positions = _geometry.Positions;
        for (int m = 0; m < _outputs; m++)
        {
            for (int block = first; block < last; block++)
                Interleave(_weights + ((long)m * _channels + block * _high) * positions, positions, Lanes(block), Of(block, _outputs * positions, 0) + (long)m * positions * _high);
        }
    }

    private readonly void Split(int first, int last)
    {
        int positions = _geometry.Positions;
        long before = 0;
        for (int phase = 0; phase < _geometry.Phases; phase++)
        {
            int count = PositionsIn(phase);
            for (int block = first; block < last; block++)
            {
                float* to = Of(block, _outputs * count, before);
                for (int m = 0; m < _outputs; m++)
                {
                    float* from = _weights + ((long)m * _channels + block * _high) * positions;
                    for (int k = 0; k < positions; k++)
                    {
                        if (_geometry.PositionOf(k).Phase != phase) continue;
                        for (int i = 0; i < _high; i++) to[i] = from[Math.Min(i, Lanes(block) - 1) * positions + k];
                        to += _high;
                    }
                }
            }
            before += (long)Blocks * _high * _outputs * count;
        }
    }

    // to[tap·High + i] = from[i·taps + tap]
    private readonly void Interleave(float* from, int taps, int lanes, float* to)
    {
        if (taps > 1) ChannelBlocks.Gather(from, taps, lanes, _high, to);
        else if (lanes == 4) Vector128.Load(from).Store(to);
        else new ReadOnlySpan<float>(from, lanes).CopyTo(new Span<float>(to, lanes));
        for (int i = lanes; i < _high; i++)
            for (int tap = 0; tap < taps; tap++) to[(long)tap * _high + i] = to[(long)tap * _high + lanes - 1];
    }
}
