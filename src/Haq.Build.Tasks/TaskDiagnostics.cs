namespace Haq.Build.Tasks;

/// <summary>Codes of what goes wrong before the engine runs: the task reports them, and the engine's catalogue lists and explains them.</summary>
internal static class TaskDiagnostics
{
    public const string CannotWrite = "HAQ0801";

    public const string EngineStopped = "HAQ0813";

    public const string RuntimeMissing = "HAQ0881";

    public const string PlatformUnsupported = "HAQ0882";

    public const string EngineDefect = "HAQ0883";

    public const string TargetClash = "HAQ1881";
}
