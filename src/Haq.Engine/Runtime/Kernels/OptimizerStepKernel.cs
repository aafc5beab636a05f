namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// Updates all parameters and their moments in place, and returns the length of the gradient. Inputs: (rate, β₁ or momentum, β₂, ε, weight decay, longest gradient), one row (rate
/// factor, decays, floor) per parameter, the parameters, their first moments, with Adam their second, their gradients. With a gradient that is not finite nothing changes.
/// </summary>
internal sealed unsafe class OptimizerStepKernel(KernelAttributes attributes) : CustomKernel
{
    private const int Fixed = 2;
    private readonly int _moments = attributes.Integer("moments", 1);

    public override void Compute(in KernelContext context)
    {
        int parameters = (context.InputCount - Fixed) / (2 + _moments), last = Fixed + (1 + _moments) * parameters;
        float* settings = context.Input(0), each = context.Input(1);
        long blocks = 0;
        for (int p = 0; p < parameters; p++) blocks += OptimizerWork.BlocksOf(context.Count(last + p));
        var updates = (OptimizerUpdate*)Scratch.Shared(((long)sizeof(OptimizerUpdate) * parameters + sizeof(double) * blocks) / sizeof(float) + 1);
        var work = new OptimizerWork(updates, parameters, blocks);
        for (int p = 0; p < parameters; p++)
        {
            updates[p] = new OptimizerUpdate
            {
                Adam = _moments == 2, Count = (nint)context.Count(last + p), Value = context.Input(Fixed + p), First = context.Input(Fixed + parameters + p),
                Second = _moments == 2 ? context.Input(Fixed + 2 * parameters + p) : null, Gradient = context.Input(last + p),
                Rate = settings[0] * each[3 * p], Beta1 = settings[1], Beta2 = settings[2], Epsilon = settings[3], Decay = settings[4] * each[3 * p + 1], Floor = each[3 * p + 2],
            };
        }
        context.Parallel(work.Parts, ref work);
        double length = work.Length();
        context.Output(0, [1])[0] = (float)length;
        if (!double.IsFinite(length)) return;
        work.Bits = VectorBits;
        work.Shorten = (float)Math.Min(1, settings[5] / Math.Max(length, 1e-12));
        context.Parallel(work.Parts, ref work);
    }
}
