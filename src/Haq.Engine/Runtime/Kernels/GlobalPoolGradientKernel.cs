namespace Haq.Engine.Runtime.Kernels;

/// <summary>Gradient of the mean over each plane. Input dy [N,C,1,…]; the input's extents are the attribute <c>shape</c>.</summary>
internal sealed unsafe class GlobalPoolGradientKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly long[] _shape = [.. attributes.Integers("shape").Select(i => (long)i)];

    public override void Compute(in KernelContext context)
    {
        long planes = _shape[0] * _shape[1];
        var work = new Work { Gradient = context.Input(0), Result = context.Output(0, _shape), Planes = planes, Plane = KernelContext.Product(_shape) / planes };
        context.Parallel(work.Parts, ref work);
    }

    private struct Work : IParallelBody
    {
        public float* Gradient, Result;
        public long Planes, Plane;

        public readonly int Parts => (int)Math.Clamp(Planes * Plane >> 14, 1, Math.Min(Planes, 16));

        public readonly void Run(int part)
        {
            float share = 1f / Plane;
            long last = Planes * (part + 1) / Parts;
            for (long plane = Planes * part / Parts; plane < last; plane++) new Span<float>(Result + plane * Plane, checked((int)Plane)).Fill(Gradient[plane] * share);
        }
    }
}
