using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>Puts a few channels' planes side by side, [pixel, lane], so that a register holds one pixel of each; and back.</summary>
internal static unsafe class ChannelBlocks
{
    // Numbers of a cache line.
    private const int Line = 16;

    /// <summary>blocks[p·width + l] = planes[l·pixels + p] for the first <paramref name="lanes"/> lanes; the others are left as they are.</summary>
    public static void Gather(float* planes, int pixels, int lanes, int width, float* blocks) => Gather(planes, pixels, pixels, lanes, width, blocks);

    /// <summary>The same of the first <paramref name="pixels"/> pixels of planes that are <paramref name="apart"/> numbers apart.</summary>
    public static void Gather(float* planes, int apart, int pixels, int lanes, int width, float* blocks)
    {
        int whole = Sse.IsSupported ? lanes / 4 * 4 : 0, fours = whole > 0 ? pixels / 4 * 4 : 0;
        // Line after line: planes are a power of two apart more often than not, and their lines would push each other out of the cache.
        for (int line = 0; line < fours; line += Line)
        {
            for (int lane = 0; lane < whole; lane += 4)
            {
                for (int pixel = line; pixel < Math.Min(line + Line, fours); pixel += 4)
                    Transpose(planes + (nint)lane * apart + pixel, apart, blocks + (nint)pixel * width + lane, width);
            }
        }
        for (int lane = 0; lane < lanes; lane++)
            for (int p = lane < whole ? fours : 0; p < pixels; p++) blocks[(nint)p * width + lane] = planes[(nint)lane * apart + p];
    }

    /// <summary>planes[l·pixels + p] = blocks[p·width + l] for the first <paramref name="lanes"/> lanes.</summary>
    public static void Scatter(float* blocks, int pixels, int lanes, int width, float* planes)
    {
        int whole = Sse.IsSupported ? lanes / 4 * 4 : 0, fours = whole > 0 ? pixels / 4 * 4 : 0;
        for (int line = 0; line < fours; line += Line)
        {
            for (int lane = 0; lane < whole; lane += 4)
            {
                for (int pixel = line; pixel < Math.Min(line + Line, fours); pixel += 4)
                    Transpose(blocks + (nint)pixel * width + lane, width, planes + (nint)lane * pixels + pixel, pixels);
            }
        }
        for (int lane = 0; lane < lanes; lane++)
            for (int p = lane < whole ? fours : 0; p < pixels; p++) planes[(nint)lane * pixels + p] = blocks[(nint)p * width + lane];
    }

    // Four rows of four become four columns.
    private static void Transpose(float* from, int fromPitch, float* to, int toPitch)
    {
        var (a, b) = (Vector128.Load(from), Vector128.Load(from + fromPitch));
        var (c, d) = (Vector128.Load(from + 2 * (nint)fromPitch), Vector128.Load(from + 3 * (nint)fromPitch));
        var (ab, cd) = (Sse.UnpackLow(a, b), Sse.UnpackLow(c, d));
        var (highAb, highCd) = (Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d));
        Sse.MoveLowToHigh(ab, cd).Store(to);
        Sse.MoveHighToLow(cd, ab).Store(to + toPitch);
        Sse.MoveLowToHigh(highAb, highCd).Store(to + 2 * (nint)toPitch);
        Sse.MoveHighToLow(highCd, highAb).Store(to + 3 * (nint)toPitch);
    }
}
