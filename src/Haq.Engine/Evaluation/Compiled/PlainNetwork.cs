using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>A network in one session of its own.</summary>
internal sealed class PlainNetwork(OrtSession session, string output) : INetwork
{
    public OrtTensor Run(SampleCache.Slot batch) => session.Run(batch.Inputs, [output])[0];

    public void Dispose() => session.Dispose();
}
