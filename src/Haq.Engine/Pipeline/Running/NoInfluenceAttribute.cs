namespace Haq.Engine.Pipeline.Running;

/// <summary>Marks a part of a stage's inputs that no result depends on, so that it is left out of the key.</summary>
/// <param name="why">Why no result depends on it.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NoInfluenceAttribute(string why) : Attribute
{
    public string Why => why;
}
