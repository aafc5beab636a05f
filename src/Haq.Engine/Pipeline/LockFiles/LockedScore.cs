using Haq.Engine.Pipeline.Stages.Reports;

namespace Haq.Engine.Pipeline.LockFiles;

/// <summary>One network's figures, in percent; loss in nats.</summary>
public sealed record LockedScore(double? Top1, double? Top5, double? Agreement, double Loss, int Samples);
