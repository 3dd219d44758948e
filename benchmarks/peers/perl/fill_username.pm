package fill_username;    # called by pt-archiver with each row
use strict;
use warnings;

sub new {
    my ($class, %args) = @_;
    my $update = $args{dbh}->prepare("UPDATE $args{db}.$args{tbl} SET username = lower(user_name) WHERE id = ?");
    return bless {update => $update}, $class;
}

sub before_begin {
    my ($self, %args) = @_;
    my @cols = @{$args{cols}};
    ($self->{id}) = grep { $cols[$_] eq 'id' } 0 .. $#cols;
    return;
}

sub is_archivable {
    my ($self, %args) = @_;
    $self->{update}->execute($args{row}->[$self->{id}]);
    return 0;    # the row stays
}

sub after_finish { return; }

1;
