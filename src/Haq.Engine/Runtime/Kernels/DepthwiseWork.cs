using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>What to compute of a depthwise convolution.</summary>
internal enum DepthwiseTask
{
    Forward,
    InputGradient,
    WeightGradient,
}

/// <summary>One depthwise computation: planes [N, C, H, W], one kernel [kh, kw] per channel.</summary>
internal unsafe struct DepthwiseWork : IParallelBody, IVectorKernel
{
    // Up to so many pixels, registers along the rows would be mostly empty: they run across channels then. So do larger ones where a stride would
    // take rows apart number by number.
    private const int SmallMap = 256;
    private const int SmallSteppedMap = 4096;

    public DepthwiseTask Task;
    public WindowGeometry Geometry;
    public int Bits, Part, Parts, Batch, Channels;

    /// <summary>The planes of the input's size: read, or with <see cref="DepthwiseTask.InputGradient"/> written.</summary>
    public float* Input;

    /// <summary>The planes of the output's size: written, or read by the gradients.</summary>
    public float* Output;

    /// <summary>The kernels: read, or with <see cref="DepthwiseTask.WeightGradient"/> written.</summary>
    public float* Weights;

    /// <summary>A number per channel, or null.</summary>
    public float* Bias;

    /// <summary>The number of parts: whole channels where sums are made over the batch, otherwise any planes.</summary>
    public static int PartsFor(DepthwiseTask task, int batch, int channels) =>
        task == DepthwiseTask.WeightGradient ? Math.Min(channels, 16) : (int)Math.Min((long)batch * channels, 16);

    public void Run(int part)
    {
        var mine = this;
        mine.Part = part;
        VectorLoop.Dispatch(ref mine, Bits);
    }

    public readonly void Run<T>() where T : unmanaged, ISimd<T>
    {
        if (Math.Max(Geometry.Height * Geometry.Width, Geometry.OutHeight * Geometry.OutWidth) <= (Geometry.Phases == 1 ? SmallMap : SmallSteppedMap))
        {
            SmallMaps<T>();
            return;
        }
        int positions = Geometry.Positions, margin = (Geometry.Slack + 15) / 16 * 16;
        long spread = (long)margin + Geometry.Rows * Geometry.Pitch + Geometry.Slack + 48;
        float* phases = Scratch.Of(Geometry.Spread + spread + Geometry.Phase);
        float* output = phases + Geometry.Spread + margin, result = phases + Geometry.Spread + spread;
        new Span<float>(phases, (int)(Geometry.Spread + spread)).Clear();
        float** sources = stackalloc float*[positions];
        switch (Task)
        {
            case DepthwiseTask.Forward:
                Forward<T>(phases, result, sources);
                break;
            case DepthwiseTask.InputGradient:
                InputGradient<T>(phases, output, sources);
                break;
            default:
                WeightGradient<T>(phases, output, sources);
                break;
        }
    }

    private readonly void SmallMaps<T>() where T : unmanaged, ISimd<T>
    {
        int width = T.Count, groups = (Channels + width - 1) / width, pixels = Geometry.Height * Geometry.Width, results = Geometry.OutHeight * Geometry.OutWidth, size = DepthwiseTable.Size(Geometry);
        float* input = Scratch.Of((long)(pixels + results + Geometry.Positions + 1) * width + size), output = input + pixels * width, weights = output + results * width;
        float* bias = weights + Geometry.Positions * width;
        var table = new DepthwiseTable(Task, Geometry, width, (int*)(bias + width));
        new Span<float>(input, (pixels + results + Geometry.Positions + 1) * width).Clear();
        for (int group = groups * Part / Parts; Task == DepthwiseTask.WeightGradient && group < groups * (Part + 1) / Parts; group++)
            WeightGradient<T>(table, input, output, weights, group * width, Math.Min(width, Channels - group * width));
        if (Task == DepthwiseTask.WeightGradient) return;
        // By groups, so that a group's weights are laid out once for all images of the part.
        long units = (long)groups * Batch;
        int laid = -1;
        for (long unit = units * Part / Parts; unit < units * (Part + 1) / Parts; unit++)
        {
            int group = (int)(unit / Batch), first = group * width, lanes = Math.Min(width, Channels - first);
            long plane = unit % Batch * Channels + first;
            if (laid != group)
            {
                ChannelBlocks.Gather(Weights + (nint)first * Geometry.Positions, Geometry.Positions, lanes, width, weights);
                for (int lane = 0; lane < lanes; lane++) bias[lane] = Bias == null ? 0 : Bias[first + lane];
                laid = group;
            }
            if (Task == DepthwiseTask.Forward)
            {
                ChannelBlocks.Gather(Input + plane * pixels, pixels, lanes, width, input);
                table.Combine<T>(weights, input, bias, output);
                ChannelBlocks.Scatter(output, results, lanes, width, Output + plane * results);
            }
            else
            {
                ChannelBlocks.Gather(Output + plane * results, results, lanes, width, output);
                table.Combine<T>(weights, output, null, input);
                ChannelBlocks.Scatter(input, pixels, lanes, width, Input + plane * pixels);
            }
        }
    }

    private readonly void WeightGradient<T>(in DepthwiseTable table, float* input, float* output, float* products, int first, int lanes) where T : unmanaged, ISimd<T>
    {
        int width = T.Count, pixels = Geometry.Height * Geometry.Width, results = Geometry.OutHeight * Geometry.OutWidth;
        double* sums = stackalloc double[Geometry.Positions * width];
        new Span<double>(sums, Geometry.Positions * width).Clear();
        for (int n = 0; n < Batch; n++)
        {
            long plane = (long)n * Channels + first;
            ChannelBlocks.Gather(Input + plane * pixels, pixels, lanes, width, input);
            ChannelBlocks.Gather(Output + plane * results, results, lanes, width, output);
            table.Combine<T>(output, input, null, products);
            for (int i = 0; i < Geometry.Positions * width; i++) sums[i] += products[i];
        }
        for (int lane = 0; lane < lanes; lane++)
            for (int k = 0; k < Geometry.Positions; k++) Weights[(nint)(first + lane) * Geometry.Positions + k] = (float)sums[k * width + lane];
    }

    private readonly void Forward<T>(float* phases, float* result, float** sources) where T : unmanaged, ISimd<T>
    {
        Locate(phases, sources);
        var (from, to) = Planes();
        for (long plane = from; plane < to; plane++)
        {
            int channel = (int)(plane % Channels);
            Geometry.Scatter(Input + plane * Geometry.Height * Geometry.Width, phases);
            DepthwiseLoops.Combine<T>(sources, Weights + (nint)channel * Geometry.Positions, Geometry.Positions, Bias == null ? 0 : Bias[channel], result, Geometry.Flat);
            float* plain = Output + plane * Geometry.OutHeight * Geometry.OutWidth;
            for (int y = 0; y < Geometry.OutHeight; y++)
                new ReadOnlySpan<float>(result + (nint)y * Geometry.Pitch, Geometry.OutWidth).CopyTo(new Span<float>(plain + (nint)y * Geometry.OutWidth, Geometry.OutWidth));
        }
    }

    // Phase by phase of the input: the positions that read it, with the output's gradient moved by their offsets.
    private readonly void InputGradient<T>(float* phases, float* output, float** sources) where T : unmanaged, ISimd<T>
    {
        float* weights = stackalloc float[Geometry.Positions];
        var (from, to) = Planes();
        for (long plane = from; plane < to; plane++)
        {
            float* kernel = Weights + plane % Channels * Geometry.Positions;
            Geometry.SpreadOutput(Output + plane * Geometry.OutHeight * Geometry.OutWidth, output);
            for (int phase = 0; phase < Geometry.Phases; phase++)
            {
                int count = 0;
                for (int k = 0; k < Geometry.Positions; k++)
                {
                    var (of, offset) = Geometry.PositionOf(k);
                    if (of != phase) continue;
                    sources[count] = output - offset;
                    weights[count++] = kernel[k];
                }
                DepthwiseLoops.Combine<T>(sources, weights, count, 0, phases + (nint)phase * Geometry.Phase, Geometry.Rows * Geometry.Pitch);
            }
            Geometry.Gather(phases, Input + plane * Geometry.Height * Geometry.Width);
        }
    }

    private readonly void WeightGradient<T>(float* phases, float* output, float** sources) where T : unmanaged, ISimd<T>
    {
        Locate(phases, sources);
        double* sums = stackalloc double[Geometry.Positions];
        int first = (int)((long)Channels * Part / Parts), last = (int)((long)Channels * (Part + 1) / Parts);
        for (int channel = first; channel < last; channel++)
        {
            new Span<double>(sums, Geometry.Positions).Clear();
            for (int n = 0; n < Batch; n++)
            {
                long plane = (long)n * Channels + channel;
                Geometry.Scatter(Input + plane * Geometry.Height * Geometry.Width, phases);
                Geometry.SpreadOutput(Output + plane * Geometry.OutHeight * Geometry.OutWidth, output);
                DepthwiseLoops.Correlate<T>(sources, output, Geometry.Positions, sums, Geometry.Flat);
            }
            for (int k = 0; k < Geometry.Positions; k++) Weights[(nint)channel * Geometry.Positions + k] = (float)sums[k];
        }
    }

    private readonly void Locate(float* phases, float** sources)
    {
        for (int k = 0; k < Geometry.Positions; k++)
        {
            var (phase, offset) = Geometry.PositionOf(k);
            sources[k] = phases + (nint)phase * Geometry.Phase + offset;
        }
    }

    private readonly (long From, long To) Planes()
    {
        long planes = (long)Batch * Channels;
        return (planes * Part / Parts, planes * (Part + 1) / Parts);
    }
}
