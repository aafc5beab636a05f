using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>One of those who run a shared float model. Safe for several threads; may be used again after <see cref="Dispose"/>.</summary>
internal sealed class FloatUse(FloatNetwork network) : IDisposable
{
    /// <summary>The session, which stays open until this use ends.</summary>
    public OrtSession Session => network.Take(this);

    /// <summary>Nothing is run for now.</summary>
    public void Dispose() => network.Leave(this);
}
