namespace Haq.Engine.Runtime.Kernels;

/// <summary>Gradient of max-pooling. Inputs (dy [N,C,…], indices of the maxima counted through the whole input); the input's extents are the attribute <c>shape</c>.</summary>
internal sealed unsafe class MaxPoolGradientKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly long[] _shape = [.. attributes.Integers("shape").Select(i => (long)i)];

    public override void Compute(in KernelContext context)
    {
        long planes = _shape[0] * _shape[1];
        var work = new Work
        {
            Gradient = context.Input(0), Indices = context.Integers(1), Result = context.Output(0, _shape), Planes = planes, Parts = (int)Math.Min(planes, 16),
            InputPlane = KernelContext.Product(_shape) / planes, OutputPlane = context.Count(0) / planes,
        };
        context.Parallel(work.Parts, ref work);
    }

    // A maximum is in the plane of its output, so parts of whole planes do not meet.
    private struct Work : IParallelBody
    {
        public float* Gradient, Result;
        public long* Indices;
        public long Planes, InputPlane, OutputPlane;
        public int Parts;

        public readonly void Run(int part)
        {
            long first = Planes * part / Parts, last = Planes * (part + 1) / Parts;
            new Span<float>(Result + first * InputPlane, checked((int)((last - first) * InputPlane))).Clear();
            for (long i = first * OutputPlane; i < last * OutputPlane; i++) Result[Indices[i]] += Gradient[i];
        }
    }
}
