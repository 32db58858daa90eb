#!/bin/sh
# A policy service of Postfix (SMTPD_POLICY_README): a recipient that begins with "grey" is sent away
# once. $1 is a folder that it may write to.
recipient=
while IFS='=' read -r name value; do
	case $name in
	recipient) recipient=$value ;;
	'')
		action=DUNNO
		case $recipient in
		grey*) mkdir "$1/seen-$recipient" 2>/dev/null && action='450 4.2.0 Greylisted, come back later' ;;
		esac
		printf 'action=%s\n\n' "$action"
		;;
	esac
done
