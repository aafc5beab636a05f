using System.Runtime.Intrinsics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// What a pointwise convolution reads, [N,C,pixel], in blocks of a few pixels: [group][block][channel][pixel of the block]. A group is some images, whose pixels are in one row.
/// </summary>
internal unsafe struct PointwisePixels : IParallelBody
{
    // A chunk of channels of a group stays in the second-level cache.
    private const int GroupPixels = 1024;

    private readonly int _batch, _channels, _plane, _high;
    private readonly float* _from;

    public PointwisePixels(int batch, int channels, int plane, int bits, float* from)
    {
        (_batch, _channels, _plane, _high) = (batch, channels, plane, DenseTiles.High(bits));
        _from = from;
        Images = Math.Clamp(GroupPixels / plane, 1, batch);
        Groups = (batch + Images - 1) / Images;
        Blocks = (Images * plane + _high - 1) / _high;
        Packed = Scratch.Shared((long)Groups * Blocks * _high * channels);
        Parts = (int)Math.Clamp((long)batch * plane * channels >> 14, 1, Math.Min(Groups * Blocks, 16));
    }

    public int Parts { get; }

    /// <summary>Images of a group; the last may have fewer.</summary>
    public int Images { get; }

    public int Groups { get; }

    /// <summary>Blocks of a group.</summary>
    public int Blocks { get; }

    private float* Packed { get; }

    /// <summary>The images of a group.</summary>
    public readonly (int First, int Count) ImagesOf(int group) => (group * Images, Math.Min(Images, _batch - group * Images));

    /// <summary>A block's pixels from a channel on.</summary>
    public readonly float* Of(int group, int block, int channel) => Packed + (((long)group * Blocks + block) * _channels + channel) * _high;

    public readonly void Run(int part)
    {
        int all = Groups * Blocks, last = (int)((long)all * (part + 1) / Parts);
        for (int at = (int)((long)all * part / Parts); at < last; at++) Pack(at / Blocks, at % Blocks);
    }

    // Runs of neighbouring pixels; the last pixel stands in for those that the last block lacks.
    private readonly void Pack(int group, int block)
    {
        var (first, images) = ImagesOf(group);
        int pixels = images * _plane;
        float* to = Of(group, block, 0);
        for (int lane = 0, run; lane < _high; lane += run)
        {
            int pixel = Math.Min(block * _high + lane, pixels - 1), at = pixel % _plane;
            run = Math.Min(_high - lane, block * _high + lane < pixels ? _plane - at : 1);
            Copy(_from + (long)(first + pixel / _plane) * _channels * _plane + at, run, to + lane);
        }
    }

    private readonly void Copy(float* from, int run, float* to)
    {
        var (apart, high) = ((nint)_plane, (nint)_high);
        float* end = to + _channels * high;
        if (run == 8) for (; to < end; from += apart, to += high) Vector256.Store(Vector256.Load(from), to);
        else if (run == 4) for (; to < end; from += apart, to += high) Vector128.Store(Vector128.Load(from), to);
        else for (; to < end; from += apart, to += high) for (int i = 0; i < run; i++) to[i] = from[i];
    }
}
