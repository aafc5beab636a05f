using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;

namespace Haq.Cluster.Protocol;

/// <summary>Who computes: only with all of it equal do two processes give the same bits.</summary>
/// <param name="Protocol">How they speak.</param>
/// <param name="Version">The version of haq.</param>
/// <param name="Engine">SHA-256 of the versions of its stages and of ONNX Runtime.</param>
/// <param name="Machine">SHA-256 of the class of machine.</param>
/// <param name="Class">The class of machine, for people.</param>
[GenerateSerializer, Immutable, Alias("haq.identity")]
internal sealed record WorkerIdentity(
    [property: Id(0)] int Protocol, [property: Id(1)] string Version, [property: Id(2)] string Engine, [property: Id(3)] string Machine, [property: Id(4)] string Class)
{
    /// <summary>Raised whenever messages mean something else.</summary>
    public const int CurrentProtocol = 1;

    private const int ShownDigits = 12;

    /// <summary>This process.</summary>
    public static WorkerIdentity Here { get; } = new(CurrentProtocol, EngineIdentity.Version, EngineIdentity.Digest, MachineIdentity.Digest, MachineIdentity.Description);

    /// <summary>Why a worker and a client cannot work together; null where they can. Names both sides.</summary>
    public static string? Disagreement(WorkerIdentity worker, WorkerIdentity client)
    {
        if (worker.Protocol != client.Protocol || worker.Version != client.Version || worker.Engine != client.Engine)
            return $"the worker is haq {worker.Said}, the client haq {client.Said}. Install the same version on both";
        return worker.Machine == client.Machine ? null
            : $"the worker's machine is of another class, whose sums differ in the last bits: worker '{worker.Class}', client '{client.Class}'. Use machines of one kind, or one worker's kind for the client";
    }

    private string Said => $"{Version} (protocol {Protocol}, engine {Engine[..Math.Min(ShownDigits, Engine.Length)]})";
}
