namespace Haq.Engine.Pipeline.Running;

/// <summary>Something whose content is known by a key before it is opened.</summary>
internal interface IKeyed
{
    StageKey Key { get; }
}
